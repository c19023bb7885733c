/** A table as a Parquet file: typed columns, null where nothing is known. */
import { parquetWriteBuffer } from "hyparquet-writer";
import type { ColumnType, Table } from "./tables.ts";

const types = { text: "STRING", number: "DOUBLE", boolean: "BOOLEAN" } as const satisfies Record<
  ColumnType,
  string
>;

export function parquet({ columns, rows }: Table): Uint8Array {
  const columnData = columns.map(({ name, type }) => ({
    name,
    data: rows.map((row) => row[name] ?? null),
    type: types[type],
    nullable: true,
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
