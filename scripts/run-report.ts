/** The page of one run, beside its record. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { analyse } from "#report/analysis.ts";
import { page } from "#report/page/page.ts";
import { readRun } from "#report/record/read-run.ts";

/** Its path. By rename, so that a browser that reloads it sees all of it. */
export async function writeRunReport(folder: string): Promise<string> {
  const file = join(folder, "report.html");
  writeFileSync(`${file}.new`, page(analyse([await readRun(folder)])));
  renameSync(`${file}.new`, file);
  return file;
}
