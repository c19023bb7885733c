/** `./brume analyse RUN...`: from records to tables and one page that needs nothing else. */
import { randomUUID } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runsFolder } from "#lab/records/runs-folder.ts";
import { analyse as analyseRuns } from "#report/analysis.ts";
import { type ExportFormat, exportFormats, writeTables } from "#report/export/write-tables.ts";
import { page } from "#report/page/page.ts";
import { findRuns } from "#report/record/find-runs.ts";
import { readRun } from "#report/record/read-run.ts";
import { RecordError } from "#report/record/record-error.ts";
import { errorsTable, remarks, runsTable } from "#report/text.ts";
import { UserError } from "#testbed/user-error.ts";
import { usageError } from "./arguments.ts";
import { table } from "./table.ts";
import type { Arguments, ExitStatus, Verb } from "./verb.ts";

export const analyse: Verb = {
  name: "analyse",
  summary: "turn the records of runs into tables and one page with plots",
  usage: "RUN...   RUN: a run's folder, an experiment's, or EXPERIMENT[/RUN] under data/runs",
  options: {
    out: {
      type: "string",
      short: "o",
      value: "FILE",
      help: "write the page to FILE (default: report.html in the folder named; of several, in this folder)",
    },
    export: { type: "string", value: exportFormats.join("|"), help: "also write tidy tables, into --to" },
    to: { type: "string", value: "DIR", help: "folder for the tables of --export (made if it is not there)" },
  },
  examples: [
    ["./brume analyse v1-join", "all runs of an experiment: data/runs/v1-join/report.html"],
    ["./brume analyse v1-join/far-25ms.1", "one run"],
    ["./brume analyse policies/ours.1 policies/gesscale.1 --out compared.html", "runs side by side"],
    ["./brume analyse v1-join --export parquet --to tables", "tables for a notebook"],
  ],
  async run(args, output) {
    if (args.positionals.length === 0)
      throw usageError("analyse: RUN is missing", "for example ./brume analyse EXPERIMENT/RUN");
    const tables = exportOf(args);
    return await mendable(async (): Promise<ExitStatus> => {
      const { folders, home } = findRuns(
        args.positionals,
        runsFolder(join(import.meta.dirname, ".."), process.env),
      );
      const runs = [];
      for (const folder of folders) runs.push(await readRun(folder));
      const analysis = analyseRuns(runs);
      const file = resolve(args.text("out") ?? join(home ?? ".", "report.html"));
      writeWhole(file, page(analysis));
      output.progress(`wrote ${file}`);
      const exported = tables ? await writeTables(runs, tables.format, tables.folder) : [];
      for (const { file: name, rows } of exported) output.progress(`wrote ${name}: ${rows} rows`);
      const errors = errorsTable(analysis);
      const { head, rows } = runsTable(analysis);
      const parts = [
        table(head, rows),
        errors && table(errors.head, errors.rows),
        remarks(analysis).join("\n"),
      ];
      output.result({ page: file, exported, ...analysis }, parts.filter(Boolean).join("\n\n"));
      return 0;
    });
  },
};

function exportOf(args: Arguments): { format: ExportFormat; folder: string } | undefined {
  const [asked, folder] = [args.text("export"), args.text("to")];
  if (asked === undefined && folder === undefined) return undefined;
  if (asked === undefined)
    throw usageError("--to: is of --export", `add --export ${exportFormats.join("|")}`);
  const format = exportFormats.find((each) => each === asked);
  if (!format)
    throw usageError(`--export ${asked}: there is no such format`, `one of: ${exportFormats.join(", ")}`);
  if (folder === undefined) throw usageError("--export: says not where to", "add --to DIR");
  return { format, folder };
}

/** A reader never sees half a page, and a full disk does not cost the one before it. */
function writeWhole(file: string, text: string): void {
  const unfinished = `${file}.${randomUUID()}.part`;
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new UserError(
      "cannot-write",
      `${file}: cannot be written (${code})`,
      "name another file with --out",
      2,
      {
        cause: error,
      },
    );
  }
}

async function mendable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new UserError(error.code, error.message, "", error.exitStatus, { cause: error });
  }
}
