/** Whether a job sustains the rate that it is held at, from what was seen since. Pure. */
import type { MeasurePlan } from "#lab/experiment/experiment.ts";
import type { MstSample } from "./measure-mst.ts";

/** `taken`: of each look while the hold lasted, for one that was too much. */
export type HoldVerdict =
  | { readonly isSustained: true }
  | { readonly isSustained: false; readonly because: string; readonly taken: readonly number[] };

/**
 * Of the asked rate. A hold of some seconds cannot tell less, and where sources wait for room what they give is uneven by more; but
 * then the lag tells, which grows by what is not taken.
 */
const takesAll = { freely: 0.96, waiting: 0.92 } as const;
/** Sources that wait for most of the time; the published policy's threshold. */
const backpressuredMax = 0.5;
/**
 * Of the lag's limit: with small windows a source waits for nearly every answer though it keeps its rate, so waiting counts
 * only where it makes records late.
 */
const lateShare = 0.5;
/** A lag that is this many times what it may be does not come back within the hold. */
const hopeless = 3;
/** So many of the looks may see a longer lag: a checkpoint holds a job up, and it catches up. */
const lateShareMax = 0.2;
/**
 * Of the time that passes, beyond what the lag is uneven anyway: where a hundredth more is asked than is taken, what is due
 * next is a hundredth of the time later. Less cannot be told in a few seconds.
 */
const growthMax = 0.012;
/** Of the warm-up: for so long a change of the rate is felt, since sources know of it before what they have sent is gone. */
const settlingShare = 0.75;
/** However short the warm-up is: of the two seconds after a change of the rate, one may show hardly anything taken. */
const settlesAtLeastMs = 2_700;
const samplesLeast = 4;
/**
 * A queue close to what can be worked off is longer for a while and shorter again, and a hold may see one or the other. What
 * is late or grows at its end is held for as long again: more than what can be sustained is later still by then.
 */
export const holdsAtMost = 2;
/** What grows by so many times what it may will not stop growing. */
const clearly = 3;

/** From the change of the rate to what counts. */
export const settlingMs = ({ warmUpMs, holdMs }: Pick<MeasurePlan, "warmUpMs" | "holdMs">): number =>
  Math.max(settlesAtLeastMs, Math.min(warmUpMs, holdMs) * settlingShare);

/** Undefined: it is too early to say. */
export function judgeHold(
  samples: readonly MstSample[],
  sinceMs: number,
  rate: number,
  plan: Pick<MeasurePlan, "warmUpMs" | "holdMs" | "lagMsMax">,
): HoldVerdict | undefined {
  const last = samples.at(-1);
  if (last === undefined) return undefined;
  const { holdMs, lagMsMax } = plan;
  const settledMs = sinceMs + settlingMs(plan);
  const seen = samples.filter(({ atMs }) => atMs > settledMs);
  const taken = known(seen, (sample) => sample.taken);
  const no = (because: string): HoldVerdict => ({ isSustained: false, because, taken });
  const latest = last.lagMs ?? 0;
  if (last.atMs > settledMs && latest > hopeless * lagMsMax)
    return no(`lag ${latest.toFixed(0)} ms and rising`);
  const passedMs = last.atMs - settledMs;
  const beforeMs = (seen.at(-2)?.atMs ?? settledMs) - settledMs;
  if (passedMs < holdMs || taken.length < samplesLeast) return undefined;
  const isSecondEnd = passedMs >= holdsAtMost * holdMs;
  // It is judged at these two moments alone: looked at again and again, anything is well for once.
  if (beforeMs >= holdMs && !isSecondEnd) return undefined;
  const isTold = known(seen, ({ lagMs }) => lagMs).length >= samplesLeast;
  const takes = takesAll[isTold && waitsOf(seen) > backpressuredMax ? "waiting" : "freely"];
  if (mean(taken) < takes * rate) return no(`${mean(taken).toFixed(0)}/s taken`);
  const recent = isSecondEnd ? seen.filter(({ atMs }) => atMs > settledMs + holdMs) : seen;
  const growth = isTold ? growthOf(seen.filter(({ lagMs }) => lagMs !== undefined)) : 0;
  const grows = `lag grows by ${(growth * 1000).toFixed(0)} ms a second`;
  if (growth > clearly * growthMax) return no(grows);
  const because = lateness(recent, lagMsMax) ?? (growth > growthMax ? grows : undefined);
  if (because === undefined) return { isSustained: true };
  return isSecondEnd ? no(because) : undefined;
}

/** What is wrong with how late records are, if anything. */
function lateness(seen: readonly MstSample[], lagMsMax: number): string | undefined {
  const lags = known(seen, ({ lagMs }) => lagMs);
  const isHeldUp = waitsOf(seen) > backpressuredMax;
  const isLate = lags.length === 0 || median(lags) > lateShare * lagMsMax;
  if (isHeldUp && isLate) return `sources held up for ${(waitsOf(seen) * 100).toFixed(0)} % of the time`;
  if (lags.length < samplesLeast) return undefined;
  const late = lags.filter((lag) => lag > lagMsMax).length;
  if (late > lateShareMax * lags.length || (seen.at(-1)!.lagMs ?? 0) > lagMsMax)
    return `lag up to ${Math.max(...lags).toFixed(0)} ms`;
  return undefined;
}

function waitsOf(seen: readonly MstSample[]): number {
  const waits = known(seen, ({ backpressured }) => backpressured);
  return waits.length === 0 ? 0 : mean(waits);
}

/**
 * Of the lag, for each ms that passes: between the medians of both halves, since a checkpoint falls into one of them, less
 * what looks of one half are apart: a lag that goes up and down without growing has two medians, too.
 */
function growthOf(samples: readonly MstSample[]): number {
  const half = Math.floor(samples.length / 2);
  const [early, late] = [samples.slice(0, half), samples.slice(half)].map((part) => {
    const lags = part.map(({ lagMs }) => lagMs!);
    const lag = median(lags);
    const unevenness = median(lags.map((one) => Math.abs(one - lag)));
    return { lag, unevenness, atMs: median(part.map(({ atMs }) => atMs)) };
  }) as [HalfOfLags, HalfOfLags];
  const rise = late.lag - early.lag - (early.unevenness + late.unevenness) / 2;
  return rise / (late.atMs - early.atMs);
}

type HalfOfLags = { lag: number; unevenness: number; atMs: number };

function known(samples: readonly MstSample[], read: (sample: MstSample) => number | undefined): number[] {
  return samples.map(read).filter((value) => value !== undefined);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
