/** The page of one run, beside its record. */
import { join } from "node:path";
import { replaceFile } from "#lab/records/replaced-file.ts";
import { analyse } from "#report/analysis.ts";
import { page } from "#report/page/page.ts";
import { readRun } from "#report/record/read-run.ts";

/** Its path. By rename, so that a browser that reloads it sees all of it. */
export async function writeRunReport(folder: string): Promise<string> {
  const file = join(folder, "report.html");
  replaceFile(file, page(analyse([await readRun(folder)])));
  return file;
}
