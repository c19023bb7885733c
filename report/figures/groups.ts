/** Which runs are repeats of one another, and what they are called beside others. */
import { dirname, sep } from "node:path";
import type { Run } from "../record/read-run.ts";

export type Group = { name: string; runs: Run[] };

/** Runs of one condition of one experiment, in the order in which they were given. */
export function groupsOf(runs: readonly Run[]): Group[] {
  const name = groupNames(runs);
  return [...Map.groupBy(runs, name)].map(([each, members]) => ({ name: each, runs: members }));
}

export function groupNames(among: readonly Run[]): (run: Run) => string {
  const isAlone = new Set(among.map(({ experiment }) => experiment)).size === 1;
  const records = recordsOf(among);
  const unswept = Map.groupBy(
    among.filter(({ condition }) => condition === ""),
    ({ experiment }) => experiment,
  );
  return (run) => {
    const isOnly = unswept.get(run.experiment)?.length === 1;
    const own = run.condition !== "" ? run.condition : isOnly ? `run ${run.run}` : "all runs";
    return `${isAlone ? own : `${run.experiment}: ${own}`}${inBrackets(records.get(run))}`;
  };
}

/** As it is written on the command line; where that names several of them, with what tells their folders apart. */
export function runNames(among: readonly Run[]): (run: Run) => string {
  const records = recordsOf(among);
  return (run) => `${run.experiment}/${run.run}${inBrackets(records.get(run))}`;
}

const inBrackets = (record: string | undefined) => (record === undefined ? "" : ` (${record})`);

/**
 * Of the runs of each experiment that has two of one name: where each one's record is, as far as that differs. Runs that
 * stand in one folder stay together, so that they can be repeats.
 */
function recordsOf(among: readonly Run[]): Map<Run, string> {
  const records = new Map<Run, string>();
  for (const runs of Map.groupBy(among, ({ experiment }) => experiment).values()) {
    if (new Set(runs.map(({ run }) => run)).size === runs.length) continue;
    const homes = runs.map(({ folder }) => dirname(folder));
    const isTold = new Set(runs.map(({ run }, index) => `${homes[index]}\0${run}`)).size === runs.length;
    const names = differing(isTold ? homes : runs.map(({ folder }) => folder));
    for (const [index, run] of runs.entries()) records.set(run, names[index]!);
  }
  return records;
}

/** Paths without what all begin with and all end with; something is left of each. */
function differing(paths: readonly string[]): string[] {
  let parts = paths.map((path) => path.split(sep));
  const hasMore = () => parts.every(({ length }) => length > 1);
  const isShared = (at: number) => new Set(parts.map((each) => each.at(at))).size === 1;
  while (hasMore() && isShared(0)) parts = parts.map((each) => each.slice(1));
  while (hasMore() && isShared(-1)) parts = parts.map((each) => each.slice(0, -1));
  return parts.map((each) => each.join("/"));
}
