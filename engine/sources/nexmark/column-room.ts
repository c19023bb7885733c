/** Typed arrays drop what is written past their end in silence, so fillers ask for room before they write. */
import type { Utf8Column } from "./utf8-column.ts";

export function requireRoom(
  columns: Readonly<Record<string, Float64Array | Utf8Column | undefined>>,
  rows: number,
): void {
  for (const [name, column] of Object.entries(columns)) {
    if (column === undefined) continue;
    const room = column instanceof Float64Array ? column.length : column.offsets.length - 1;
    if (room < rows) throw new RangeError(`column ${name} has room for ${room} rows, not for ${rows}`);
  }
}
