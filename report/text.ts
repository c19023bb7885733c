/** What `./brume analyse` prints: the runs with their figures, and how far predictions were off. */
import type { Analysis } from "./analysis.ts";
import { counted, duration, number, percent, signedPercent } from "./format.ts";

type TextTable = { head: string[]; rows: (string | number)[][] };

/** Tables for the terminal; whoever prints them aligns the columns. */
export function runsTable({ runs }: Analysis): TextTable {
  return {
    head: ["run", "outcome", "policy", "lasted", "taken/s", "rescales", "backlog", "node-s", "p99"],
    rows: runs.map(({ run, outcome, policy, figures }) => [
      run,
      outcome,
      policy ?? "-",
      figures.seconds === undefined ? "-" : duration(figures.seconds * 1000),
      known(figures.meanTaken),
      known(figures.rescales),
      figures.backlogSeconds === undefined ? "-" : `${number(figures.backlogSeconds)} s`,
      known(figures.nodeSeconds),
      figures.p99Ms === undefined ? "-" : duration(figures.p99Ms),
    ]),
  };
}

/** Undefined where nothing was measured that had been predicted. */
export function errorsTable({ predictionErrors }: Analysis): TextTable | undefined {
  if (predictionErrors.length === 0) return undefined;
  return {
    head: ["model", "condition", "count", "median", "p95", "worst", "bias", "in interval"],
    rows: predictionErrors.map(({ model, group, count, median, p95, worst, bias, inside }) => [
      model,
      group ?? "all",
      count,
      percent(median),
      percent(p95),
      percent(worst),
      signedPercent(bias),
      inside === undefined ? "-" : percent(inside),
    ]),
  };
}

const known = (value: number | undefined) => (value === undefined ? "-" : number(value));

/** What a reader must know first: alarms, then how many warnings there are. */
export function remarks({ runs }: Analysis): string[] {
  const alarms = Map.groupBy(
    runs.flatMap(({ run, alarms: own }) => own.map((text) => ({ run, text }))),
    ({ text }) => text,
  );
  const told = [...alarms].map(([text, own]) =>
    own.length === runs.length && runs.length > 1
      ? `all runs: ${text}`
      : `${own.map(({ run }) => run).join(", ")}: ${text}`,
  );
  const warned = runs.filter(({ warnings }) => warnings.length > 0);
  const unread = warned.flatMap(({ warnings }) =>
    warnings.filter((warning) => /\.jsonl?(:\d+)?: /.test(warning)),
  );
  const others = warned.reduce((sum, { warnings }) => sum + warnings.length, 0) - unread.length;
  return [...told, ...unread, ...(others > 0 ? [`${counted(others, "warning")}: see the page`] : [])];
}
