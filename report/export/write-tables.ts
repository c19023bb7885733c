/** Writes every table of some runs into a folder, one file each. */
import { once } from "node:events";
import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Run } from "../record/read-run.ts";
import { RecordError } from "../record/record-error.ts";
import { csv } from "./csv.ts";
import { parquet } from "./parquet.ts";
import { type Table, tablesOf } from "./tables.ts";

export const exportFormats = ["csv", "parquet"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The files written, with how many rows each has. */
export async function writeTables(
  runs: readonly Run[],
  format: ExportFormat,
  folder: string,
): Promise<{ file: string; rows: number }[]> {
  try {
    mkdirSync(folder, { recursive: true });
    const written = [];
    for (const table of tablesOf(runs)) {
      const file = join(folder, `${table.name}.${format}`);
      if (format === "parquet") writeFileSync(file, parquet(table));
      else await writeCsv(file, table);
      written.push({ file, rows: table.rows.length });
    }
    return written;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    const fix = "name a folder that can be written with --to";
    throw new RecordError("cannot-write", `${folder}: cannot be written (${code})`, fix, 2, { cause: error });
  }
}

async function writeCsv(file: string, table: Table): Promise<void> {
  const stream = createWriteStream(file);
  const finished = once(stream, "finish");
  for (const line of csv(table))
    if (!stream.write(line)) await Promise.race([once(stream, "drain"), finished]);
  stream.end();
  await finished;
}
