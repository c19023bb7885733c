/** Which runs are repeats of one another, and what they are called beside others. */
import type { Run } from "../record/read-run.ts";

export type Group = { name: string; runs: Run[] };

/** Runs of one condition of one experiment, in the order in which they were given. */
export function groupsOf(runs: readonly Run[]): Group[] {
  const groups = Map.groupBy(runs, (run) => groupName(run, runs));
  return [...groups].map(([name, members]) => ({ name, runs: members }));
}

export function groupName({ experiment, condition, run }: Run, among: readonly Run[]): string {
  const own = condition === "" ? `run ${run}` : condition;
  const isAlone = among.every((other) => other.experiment === experiment);
  return isAlone ? own : `${experiment}: ${own}`;
}

/** As it is written on the command line. */
export const runName = ({ experiment, run }: Run) => `${experiment}/${run}`;
