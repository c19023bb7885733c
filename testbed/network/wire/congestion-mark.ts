/** Explicit congestion notification (RFC 3168): sets "congestion experienced" on an IPv4 or IPv6 packet. */

const congestionExperienced = 3;

/** True when the packet now carries the mark; false when its sender did not offer ECN, and it stays as it was. */
export function markCongestion(memory: Uint8Array, offset: number, bytes: number): boolean {
  const version = memory[offset]! >> 4;
  if (version === 4 && bytes >= 20) return markVersion4(memory, offset);
  if (version === 6 && bytes >= 40) return markVersion6(memory, offset);
  return false;
}

function markVersion4(memory: Uint8Array, offset: number): boolean {
  const service = memory[offset + 1]!;
  if ((service & 3) === 0) return false;
  const marked = service | congestionExperienced;
  if (marked === service) return true;
  memory[offset + 1] = marked;
  // RFC 1624: HC' = ~(~HC + ~m + m'), over the 16-bit word that holds version, length and service.
  const high = memory[offset]! << 8;
  const checksum = (memory[offset + 10]! << 8) | memory[offset + 11]!;
  let sum = (~checksum & 0xffff) + (~(high | service) & 0xffff) + (high | marked);
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  const updated = ~sum & 0xffff;
  memory[offset + 10] = updated >> 8;
  memory[offset + 11] = updated & 0xff;
  return true;
}

/** The two bits sit in the middle of the second byte; IPv6 has no header checksum. */
function markVersion6(memory: Uint8Array, offset: number): boolean {
  const second = memory[offset + 1]!;
  if ((second & 0x30) === 0) return false;
  memory[offset + 1] = second | (congestionExperienced << 4);
  return true;
}
