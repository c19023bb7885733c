/** Safe integers as 8 bytes whose order as bytes is that of the numbers. */
export const sortableBytes = 8;

/** What makes the high word of every safe integer positive; its low word is without sign anyway. */
const lift = 2 ** 21;

export function writeSortable(value: number, into: Uint8Array, at: number): void {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a safe integer`);
  const high = Math.floor(value / 2 ** 32) + lift;
  const low = value >>> 0;
  into[at] = 0;
  into[at + 1] = high >>> 16;
  into[at + 2] = high >>> 8;
  into[at + 3] = high;
  into[at + 4] = low >>> 24;
  into[at + 5] = low >>> 16;
  into[at + 6] = low >>> 8;
  into[at + 7] = low;
}

export function readSortable(from: Uint8Array, at: number): number {
  const high = (from[at + 1]! << 16) | (from[at + 2]! << 8) | from[at + 3]!;
  const low = from[at + 4]! * 2 ** 24 + ((from[at + 5]! << 16) | (from[at + 6]! << 8) | from[at + 7]!);
  return (high - lift) * 2 ** 32 + low;
}
