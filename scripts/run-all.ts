/** Runs with a live line on the terminal, and a page beside each record. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RecordedLine } from "#lab/records/run-record.ts";
import type { Summary } from "#lab/records/summary.ts";
import { type ChosenRun, type DoneRun, doRuns } from "#lab/run/run-experiment.ts";
import { stateFolder } from "#testbed/state-folder.ts";
import { interruptible } from "./interruptible.ts";
import { LiveLines } from "./live-lines.ts";
import { clock, liveLine } from "./run-progress.ts";
import { writeRunReport } from "./run-report.ts";
import type { Output } from "./verb.ts";

const root = join(import.meta.dirname, "..");

type AllOptions = {
  readonly file: string;
  readonly keepLab: boolean;
  readonly strict: boolean;
  /** What to say of a line of the record, above the live line. */
  readonly story?: (recorded: RecordedLine) => string | undefined;
};

/** With a live line, and a page beside each record. */
export async function runAll(
  runs: readonly ChosenRun[],
  { story, ...options }: AllOptions,
  output: Output,
): Promise<DoneRun[]> {
  const { stderr } = process;
  const write = (text: string) => void stderr.write(text);
  const screen = { isTerminal: stderr.isTTY === true, columns: stderr.columns ?? 80, write };
  const lines = new LiveLines(screen, () => performance.now());
  let where = "";
  let doing = "";
  try {
    return await interruptible((signal) =>
      doRuns(
        runs,
        { ...options, root, stateFolder: stateFolder(), environment: process.env, signal },
        {
          clock: { wallMs: () => Date.now(), monotonicMs: () => performance.now() },
          sleep: async (ms) => void (await sleep(ms, undefined, { signal }).catch(() => undefined)),
          begins(run, index, count) {
            where = `${index + 1}/${count} ${run.plan.run}`;
          },
          tell(status) {
            lines.show(liveLine(status, where), status.doing !== doing);
            doing = status.doing;
          },
          note: (text) => lines.say(text),
          hear(recorded) {
            const said = story?.(recorded);
            if (said !== undefined) lines.say(said);
          },
          async ended({ plan, folder }, summary) {
            if (story === undefined) lines.say(`${plan.run}: ${outcomeText(summary)}`);
            await writeRunReport(folder).catch((error: unknown) => {
              // The record is what counts: `analyse` makes the page from it at any time.
              output.progress(`no page for ${plan.run}: ${error instanceof Error ? error.message : error}`);
            });
          },
        },
      ),
    );
  } finally {
    lines.end();
  }
}

function outcomeText({ outcome, because, seconds, warnings }: Summary): string {
  const why = because === undefined ? "" : `: ${because}`;
  const marks = warnings.length === 0 ? "" : `; ${warnings.length} warnings, the first: ${warnings[0]}`;
  return `${outcome} after ${clock(seconds * 1000)}${why}${marks}`;
}
