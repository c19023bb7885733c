/**
 * Hashes of keys as Java's hashCode gives them, since Flink derives key groups from those: state saved by
 * either engine then falls into the same groups.
 */

const highWordFactor = 2 ** -32;

/** Long.hashCode of a safe integer: its low word xor its high word. An Integer's hash is the integer itself. */
export function hashSafeInteger(value: number): number {
  const low = value | 0;
  // The high word of what fits in 32 bits is its sign, repeated; floor is only paid for beyond.
  return low ^ (low === value ? low >> 31 : Math.floor(value * highWordFactor));
}

/** String.hashCode, which is over UTF-16 code units: h * 31 + unit. */
export function hashText(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

/** The same hash as `hashText` of the decoded text, over its UTF-8 in bytes[start, end), without making a string. */
export function hashUtf8(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80) return hashUtf8Beyond(bytes, at, end, hash);
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  return hash;
}

/**
 * From the first character that is not ASCII on. Columns hold well-formed UTF-8 (their writers see to it), so a
 * lead byte decides the length; bytes cut short count as zero rather than being read from the next value.
 */
function hashUtf8Beyond(bytes: Uint8Array, start: number, end: number, before: number): number {
  let hash = before;
  let at = start;
  const continued = (): number => (at < end ? bytes[at++]! & 0x3f : 0);
  while (at < end) {
    const lead = bytes[at++]!;
    if (lead < 0x80) hash = (Math.imul(hash, 31) + lead) | 0;
    else if (lead < 0xe0) hash = (Math.imul(hash, 31) + (((lead & 0x1f) << 6) | continued())) | 0;
    else if (lead < 0xf0) {
      const unit = ((lead & 0x0f) << 12) | (continued() << 6) | continued();
      hash = (Math.imul(hash, 31) + unit) | 0;
    } else {
      const point = ((lead & 0x07) << 18) | (continued() << 12) | (continued() << 6) | continued();
      const beyondPlane0 = point - 0x10000;
      hash = (Math.imul(hash, 31) + (0xd800 | ((beyondPlane0 >> 10) & 0x3ff))) | 0;
      hash = (Math.imul(hash, 31) + (0xdc00 | (beyondPlane0 & 0x3ff))) | 0;
    }
  }
  return hash;
}

/** Arrays.hashCode of a byte[], whose bytes are signed. */
export function hashByteArray(bytes: Uint8Array, start: number, end: number): number {
  let hash = 1;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + ((bytes[at]! << 24) >> 24)) | 0;
  return hash;
}
