/** Where things are in the kernel's memory, and how much it makes at a time. */
/** Events per call: the columns of so many stay in a core's second-level cache. */
export const chunkEvents = 2048;

export const powerTableBits = 11;
/** Float64 of 10^(6i/2048)·100. */
export const powerTableAt = 0;
/** Three letters, and a byte that the next three overwrite, for every remainder of a signed 32-bit number by 26³. */
export const tripleModulus = 26 ** 3;
export const tripleTableAt = 16_384;
export const tripleZeroAt = tripleTableAt + 4 * (tripleModulus - 1);
const tripleTableBytes = 4 * (2 * tripleModulus - 1);
/** Texts are written twelve letters at a time by four stores of four bytes. */
const surplusBytes = 13;

const columnBytes = 8 * chunkEvents;
export const auctionAt = tripleTableAt + tripleTableBytes + 4;
export const bidderAt = auctionAt + columnBytes;
export const priceAt = bidderAt + columnBytes;
/** Int32 from the start of `textAt`: one more than rows. */
export const extraOffsetsAt = priceAt + columnBytes;
export const textAt = extraOffsetsAt + columnBytes;
/** The longest text of a bid. */
export const bidExtraBytesMax = 81;
export const memoryPages = Math.ceil((textAt + chunkEvents * bidExtraBytesMax + surplusBytes) / 65_536);
