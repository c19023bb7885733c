/** A table as CSV (RFC 4180): a head, one line for each row, nothing where nothing is known. */
import type { Table, Value } from "./tables.ts";

/** In parts, since a table of an hour is longer than a string should be. */
export function* csv({ columns, rows }: Table): Generator<string> {
  yield line(columns.map(({ name }) => name));
  for (const row of rows) yield line(columns.map(({ name }) => row[name]));
}

const line = (values: readonly Value[]) => `${values.map(field).join(",")}\r\n`;

function field(value: Value): string {
  const text = value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
