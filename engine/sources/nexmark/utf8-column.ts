/** A column of text as the caller gives it: row r is bytes[offsets[r]] up to offsets[r + 1]. */
export type Utf8Column = {
  /** One more than rows. The first entry says where in `bytes` to begin; the caller sets it, usually to 0. */
  offsets: Int32Array;
  bytes: Uint8Array;
};

/** Below this many bytes a loop is faster than making a view and a call of `set`. */
const shortText = 48;

export function putText(column: Utf8Column, row: number, from: Uint8Array, start: number, end: number): void {
  const { offsets, bytes } = column;
  const at = offsets[row]!;
  const length = end - start;
  if (at + length > bytes.length) throw new RangeError(`a text column of ${bytes.length} bytes is full`);
  if (length < shortText) {
    for (let index = 0; index < length; index++) bytes[at + index] = from[start + index]!;
  } else {
    bytes.set(from.subarray(start, end), at);
  }
  offsets[row + 1] = at + length;
}
