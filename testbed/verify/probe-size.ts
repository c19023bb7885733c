/** The probe packet: its sizes, and what becomes of one with a flipped bit. */

/** As much as a ping carries; more would cost slow links time, less would hide corruption. */
export const payloadBytes = 56;
const udpBytes = 8;
const ipBytes = { 4: 20, 6: 40 } as const;

export type Family = 4 | 6;

export const headerBytes = (family: Family): number => ipBytes[family] + udpBytes;

export const probeBytes = (family: Family): number => headerBytes(family) + payloadBytes;

/**
 * A fabric flips any bit behind the IP header. In the destination port or the checksum it loses the packet; in the
 * length it does so where the packet would become longer than it is; in the source port nobody sees it.
 */
export function corruptionShares(): { lost: number; seen: number } {
  const length = udpBytes + payloadBytes;
  let ones = 0;
  for (let bit = 0; bit < 16; bit++) if ((length >> bit) & 1) ones++;
  const bits = length * 8;
  return { lost: (16 + 16 + (16 - ones)) / bits, seen: (payloadBytes * 8 + ones) / bits };
}
