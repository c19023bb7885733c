/** What came of each run in a few figures, and of repeats of one condition together. */
import type { Run } from "../record/read-run.ts";
import { groupNames, groupsOf, runNames } from "./groups.ts";
import { latencyOf } from "./latency.ts";
import { type Spread, spreadOf } from "./statistics.ts";

export type RunFigures = {
  seconds?: number;
  /** Records per second, over the whole run. */
  meanAsked?: number;
  meanTaken?: number;
  rescales?: number;
  standStillMs?: number;
  /** With the sources' next record due for longer than the experiment bears, or the job standing still. */
  backlogSeconds?: number;
  nodeSeconds?: number;
  p50Ms?: number;
  p99Ms?: number;
};

export type RunOutcome = {
  run: string;
  group: string;
  policy?: string;
  /** `done`, `interrupted` or `failed`; without a summary brume was killed, and the figures are from the lines there are. */
  outcome: string;
  because?: string;
  figures: RunFigures;
};

export type GroupOutcome = {
  group: string;
  policy?: string;
  runs: number;
  figures: Partial<Record<keyof RunFigures, Spread>>;
};

export const noSummary = "interrupted";
/** Where the manifest does not say what lag is borne. */
const lagMsBorne = 1000;
/** A longer silence is a gap in the record, not one long second. */
const gapMs = 5000;

export function outcomesOf(runs: readonly Run[]): RunOutcome[] {
  const [nameOf, groupOf] = [runNames(runs), groupNames(runs)];
  return runs.map((run) => {
    const policy = run.manifest?.plan?.autoscaler?.policy;
    const because = run.summary
      ? run.summary.because
      : "brume was killed, or is still at it: there is no summary.json";
    return {
      run: nameOf(run),
      group: groupOf(run),
      ...(policy === undefined ? {} : { policy }),
      outcome: run.summary?.outcome ?? noSummary,
      ...(because === undefined ? {} : { because }),
      figures: figuresOf(run),
    };
  });
}

export function groupOutcomes(runs: readonly Run[]): GroupOutcome[] {
  return groupsOf(runs).map(({ name, runs: members }) => {
    const policies = new Set(members.flatMap((run) => run.manifest?.plan?.autoscaler?.policy ?? []));
    const all = members.map(figuresOf);
    const keys = new Set(all.flatMap((each) => Object.keys(each) as (keyof RunFigures)[]));
    const spreads = [...keys].flatMap((key) => {
      const spread = spreadOf(all.map((each) => each[key]));
      return spread ? [[key, spread] as const] : [];
    });
    return {
      group: name,
      ...(policies.size === 1 ? { policy: [...policies][0]! } : {}),
      runs: members.length,
      figures: Object.fromEntries(spreads),
    };
  });
}

function figuresOf(run: Run): RunFigures {
  const { summary, metrics, outcomes } = run;
  const lived = integrate(metrics, run.manifest?.plan?.measure?.lagMsMax ?? lagMsBorne);
  const latency = latencyOf(run)?.quantiles;
  const figures: Partial<Record<keyof RunFigures, number | undefined>> = {
    seconds: summary?.seconds ?? (metrics.length > 0 ? metrics.at(-1)!.t / 1000 : undefined),
    meanAsked: lived.meanAsked,
    meanTaken: summary?.meanTaken ?? lived.meanTaken,
    rescales: summary?.rescales ?? outcomes.filter(({ outcome }) => outcome === "done").length,
    standStillMs: outcomes.reduce((sum, { standStillMs }) => sum + (standStillMs ?? 0), 0),
    backlogSeconds: summary?.backlogSeconds ?? lived.backlogSeconds,
    nodeSeconds: summary?.nodeSeconds ?? lived.nodeSeconds,
    p50Ms: latency?.p50,
    p99Ms: latency?.p99,
  };
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined)) as RunFigures;
}

/** Each line stands for the time since the one before it; of the time before the first nobody knows anything. */
function integrate(metrics: Run["metrics"], lagMsMax: number) {
  const sums = { asked: 0, askedMs: 0, taken: 0, takenMs: 0, backlogMs: 0, lagKnown: false, nodeMs: 0 };
  let before = metrics[0]?.t ?? 0;
  for (const { t, state, asked, taken, lagMs, parallelism } of metrics) {
    const span = Math.min(gapMs, Math.max(0, t - before));
    before = t;
    if (asked !== undefined) {
      sums.asked += asked * span;
      sums.askedMs += span;
    }
    // A job that stands still takes nothing and tells no lag, and what is asked of it piles up all the same.
    const stands = state !== undefined && state !== "running";
    if (taken !== undefined || stands) {
      sums.taken += (taken ?? 0) * span;
      sums.takenMs += span;
    }
    if (lagMs !== undefined) sums.lagKnown = true;
    if (stands || (lagMs ?? 0) > lagMsMax) sums.backlogMs += span;
    sums.nodeMs += (parallelism ?? 0) * span;
  }
  return {
    meanAsked: sums.askedMs > 0 ? sums.asked / sums.askedMs : undefined,
    meanTaken: sums.takenMs > 0 ? sums.taken / sums.takenMs : undefined,
    backlogSeconds: sums.lagKnown ? sums.backlogMs / 1000 : undefined,
    nodeSeconds: sums.nodeMs > 0 ? sums.nodeMs / 1000 : undefined,
  };
}
