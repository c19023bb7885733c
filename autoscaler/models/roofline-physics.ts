/**
 * The roofline itself: how much of each resource a rate uses, and the rate at which the first is used up. Pure; what the
 * figures are is learnt elsewhere.
 */
import type { Costs } from "./roofline-costs.ts";
import type { Problem } from "./roofline-problem.ts";

export type Job = {
  readonly costs: Costs;
  /** Results per record, and bytes of state, when all sources together give so much. */
  ratio(rate: number): number;
  stateBytes(rate: number): number;
  readonly bytesPerRecord?: number;
  readonly bufferBytes?: number;
  readonly windowSeconds?: number;
  readonly checkpointSeconds?: number;
  readonly sourcesMost?: number;
};

/** What physics leaves open. */
export type Calibration = {
  /** The part of the time that a seat can be busy. */
  readonly busyMost: number;
  /** The part of a worker's buffers that is of use, and what credits wait for beside the round trip. */
  readonly buffers: number;
  readonly turnMs: number;
  /** How sharp the edge between CPU and channel is, for a window of one record. */
  readonly sharpness: number;
  /** Payload in what a link carries. */
  readonly links: number;
  /** How much of the time for which one seat takes nothing, since it fires or freezes, the others lose too. */
  readonly pauses: number;
  /** Throughput falls by parallelism to this power. */
  readonly contention: number;
};

export type Use = {
  /** 1 when it is used up. */
  readonly used: number;
  readonly resource: "cpu" | "channel" | "link" | "checkpoint" | "source";
  /** Places in the problem's seats, or in its links. */
  readonly seat?: number;
  readonly link?: number;
  /** The seat for which the others wait. */
  readonly waitsFor?: number;
};

/** `paces`: of each seat's node, in seconds of speed 1 in a second. */
export function tightest(
  problem: Problem,
  paces: readonly number[],
  job: Job,
  calibration: Calibration,
  rate: number,
): Use {
  const { seats, together, links } = problem;
  const { costs, bytesPerRecord, bufferBytes, windowSeconds, checkpointSeconds } = job;
  const { busyMost, buffers, turnMs, pauses, sharpness } = calibration;
  const results = job.ratio(rate) * costs.perResult;
  const isWindowed = windowSeconds !== undefined;
  const each = costs.perRecord + (isWindowed ? 0 : results);
  const freeze =
    checkpointSeconds === undefined ? 0 : (job.stateBytes(rate) * costs.perStateByte) / checkpointSeconds;
  const usable = bufferBytes === undefined ? undefined : bufferBytes * buffers;
  const bytes = bytesPerRecord ?? 0;
  const edge = edgeOf(sharpness, usable, bytes);

  // Firing windows and freezing state, a seat takes nothing; its buffers take what comes, for a while.
  let [firing, firingSeat, freezing, freezingSeat] = [0, -1, 0, -1];
  for (let at = 0; at < seats.length; at++) {
    const { load, share, tripMs = 0 } = seats[at]!;
    const perSecond = load * rate * bytes;
    // A window of credits is twice what is on the way, and half of the buffers are shared out in any case.
    const window = Math.min(1, Math.max(0.5, (2 * perSecond * (tripMs + turnMs)) / 1000 / (usable ?? 1)));
    const held =
      usable === undefined || bytes === 0 ? Number.POSITIVE_INFINITY : (usable * window) / perSecond;
    if (isWindowed) {
      const lost = (load * rate * results) / paces[at]! - held / windowSeconds;
      if (lost > firing) [firing, firingSeat] = [lost, at];
    }
    if (freeze > 0) {
      const lost = (share * freeze) / paces[at]! - held / checkpointSeconds!;
      if (lost > freezing) [freezing, freezingSeat] = [lost, at];
    }
  }
  const stopped = pauses * (firing + freezing);
  /** Of the sources and of links: while they stop they carry nothing. */
  const going = Math.max(0.01, 1 - stopped);
  const perPause = (isWindowed ? 1 / windowSeconds : 0) + (freeze > 0 ? 1 / checkpointSeconds! : 0);

  let most: Use = { used: 0, resource: "cpu", seat: 0 };
  const worse = (use: Use) => {
    if (use.used > most.used) most = use;
  };
  const busy = new Float64Array(together.length === 0 ? 0 : seats.length);
  for (let at = 0; at < seats.length; at++) {
    const { load, share, tripMs, remote } = seats[at]!;
    const pace = paces[at]!;
    const own = ((isWindowed ? load * rate * results : 0) + share * freeze) / pace;
    const work = (costs.fixed + load * rate * each) / pace;
    const used = (work + Math.max(own, stopped)) / busyMost;
    if (busy.length > 0) busy[at] = work + own;
    let byChannel = 0;
    if (usable !== undefined && bytes > 0 && tripMs !== undefined && remote > 0) {
      const perSecond = usable / ((tripMs + turnMs) / 1000);
      const paused = Math.min(1, Math.max(own, stopped));
      // What its buffers took in the meantime it need not wait for.
      const capacity = Math.min(perSecond, perSecond * (1 - paused) + (paused > 0 ? usable * perPause : 0));
      byChannel = (load * remote * rate * bytes) / capacity;
    }
    const both = bothUsed(used, byChannel, edge);
    if (both <= most.used) continue;
    if (byChannel > used) {
      most = { used: both, resource: "channel", seat: at };
      continue;
    }
    const waits = stopped > own ? (firing >= freezing ? firingSeat : freezingSeat) : undefined;
    const isFreezing = (share * freeze) / pace > 0.4 * used || (waits !== undefined && freezing > firing);
    const resource = isFreezing ? "checkpoint" : "cpu";
    most = { used: both, resource, seat: at, ...(waits === undefined ? {} : { waitsFor: waits }) };
  }
  for (const here of together)
    worse({ used: here.reduce((sum, at) => sum + busy[at]!, 0) / busyMost, resource: "cpu", seat: here[0]! });
  for (let at = 0; bytes > 0 && at < links.length; at++) {
    const { bitsPerSecond, load } = links[at]!;
    worse({
      used: (load * rate * bytes * 8) / (bitsPerSecond * calibration.links * going),
      resource: "link",
      link: at,
    });
  }
  if (job.sourcesMost !== undefined) worse({ used: rate / (job.sourcesMost * going), resource: "source" });
  return most;
}

/**
 * Records come unevenly. While few of them fill a channel's window, it now and then is empty though the seat has time, and
 * full though it has none: together the two carry less than either. With a window of many records it evens out. Of
 * a closed queue with seven records, mean value analysis says about the same as this does with a sharpness of 1.5.
 */
export function edgeOf(sharpness: number, usable: number | undefined, bytes: number): number {
  return usable === undefined || bytes === 0 ? edgeMost : clamp(sharpness * Math.sqrt(usable / bytes));
}

const edgeMost = 40;
const clamp = (edge: number) => Math.min(edgeMost, Math.max(1, edge));

/** Of two resources of which a seat needs both. */
export function bothUsed(one: number, other: number, edge: number): number {
  const [less, more] = one < other ? [one, other] : [other, one];
  if (!(less > 0.3 * more) || more === Number.POSITIVE_INFINITY) return more;
  return more * (1 + (less / more) ** edge) ** (1 / edge);
}

const roundsMax = 60;

/** The rate at which the tightest resource is used up, and which that is. */
export function sustained(
  problem: Problem,
  paces: readonly number[],
  job: Job,
  calibration: Calibration,
): { rate: number; use: Use } {
  const useAt = (rate: number) => tightest(problem, paces, job, calibration, rate);
  // Use grows with the rate, mostly in proportion: the next guess is rate / used, kept between what is known to be
  // too little and too much.
  let [low, high, rate] = [0, Number.POSITIVE_INFINITY, 1];
  let use = useAt(rate);
  for (let round = 0; round < roundsMax; round++) {
    if (use.used > 1) high = rate;
    else low = rate;
    if (Math.abs(use.used - 1) < 1e-9 || high - low < 1e-9 * high) break;
    let next = rate / Math.max(use.used, 1e-9);
    // Halving now and then brings a slow approach to an end.
    if (high < Number.POSITIVE_INFINITY && (next <= low || next >= high || round % 4 === 3))
      next = (low + high) / 2;
    rate = next;
    use = useAt(rate);
    if (rate > 1e15) break;
  }
  return { rate: rate * problem.count ** -calibration.contention, use };
}
