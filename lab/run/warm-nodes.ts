/**
 * Before a ladder is climbed, all nodes that may come to hold a seat work together until they take no more than they took. A
 * weak node compiles for minutes: without this the first rungs are measured on cold nodes and the last on warm ones, and
 * what grows then is not what was asked about. Nothing of it is shown to models.
 */
import type { Configuration } from "#autoscaler/observation.ts";
import { nodesOf } from "#autoscaler/policies/seats.ts";
import type { Engine } from "#engine/engine.ts";
import type { RunPlan } from "#lab/experiment/experiment.ts";
import { UserError } from "#testbed/user-error.ts";
import { askedAt } from "./asked-rate.ts";
import { JobWatch } from "./job-watch.ts";
import { MstSearch } from "./measure-mst.ts";

export type WarmingParts = {
  readonly plan: RunPlan;
  /** How many source operators there are. */
  readonly inputs: number;
  readonly engine: Engine;
  readonly signal: AbortSignal;
  readonly staleMs: number;
  sleep(ms: number): Promise<void>;
  warn(text: string): void;
};

const lookEveryMs = 1_000;
/** Spans than in a search: together nodes do less each, and one that compiles more slowly than the others must show. */
const longer = 2;
/** A savepoint has no full buffers before it then. */
const easyShare = 0.5;
const easyMs = 2_000;
const forEverMs = Number.MAX_SAFE_INTEGER;
/** An engine tells of a new attempt within a second. */
const looksMax = 10;
/** So often a rescale is tried: the workers of some nodes may still be starting. */
const triesMax = 30;

/** From `first`, which runs, to `all` and back. */
export async function warmNodes(
  all: Configuration,
  first: Configuration,
  parts: WarmingParts,
): Promise<void> {
  const { plan, inputs, engine, signal, sleep, warn } = parts;
  const load = (rate: number) =>
    engine.load({ steps: [{ ratePerSecond: rate / inputs, forMs: forEverMs }], fresh: true });
  const rescale = async (to: Configuration): Promise<boolean> => {
    const wanted = {
      operator: plan.operator,
      workers: to.seats.map(({ node }) => node),
      shares: to.seats.map(({ share }) => share),
    };
    let why = "";
    for (let tries = 0; tries < triesMax && !signal.aborted; tries += 1) {
      try {
        const { outcome, because } = await engine.rescale(wanted);
        if (outcome === "done") return true;
        why = because ?? outcome;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        why = error.message;
      }
      await sleep(lookEveryMs);
    }
    if (!signal.aborted) warn(`nodes could not be warmed up on ${nodesOf(to)}: ${why}`);
    return false;
  };
  if (!(await rescale(all))) return;
  const spans = { ...plan.measure, saturateMs: plan.measure.saturateMs * longer };
  const search = new MstSearch(spans, askedAt(plan.load.steps, 0) * inputs);
  const watch = new JobWatch({ operator: plan.operator, staleMs: parts.staleMs });
  let taken = 0;
  while (!search.isWarm && !signal.aborted) {
    const figures = watch.see(await engine.metrics());
    if (figures.state === "running") {
      taken = figures.taken ?? taken;
      const { atMs, attempt, taken: now, sourceBackpressured: backpressured } = figures;
      const step = search.observe({
        ...{ atMs, attempt },
        ...(now !== undefined && { taken: now }),
        ...(backpressured !== undefined && { backpressured }),
      });
      if (step.do === "load") await load(step.rate);
      // Whatever keeps it from being saturated is met, and told, on the first rung.
      if (step.do === "give-up") break;
    }
    await sleep(lookEveryMs);
  }
  if (signal.aborted) return;
  await load(taken * easyShare);
  await sleep(easyMs);
  const { attempt } = await engine.metrics();
  if (!(await rescale(first))) return;
  // What is told may be of before: models would count all nodes together as seen, and predict nothing of them any more.
  for (let looks = 0; looks < looksMax && !signal.aborted; looks += 1) {
    if ((await engine.metrics()).attempt > attempt) return;
    await sleep(lookEveryMs);
  }
}
