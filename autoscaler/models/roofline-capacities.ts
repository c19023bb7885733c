/**
 * What each seat of a configuration carries when all are used as well as they can be together: no more than its CPU, its
 * channels and its node's link let through, and of that so much that the sources' waiting, which is all of their time when
 * they give most, is spent where it brings most. A seat with few places is given less of what it could carry alone.
 */
import { waitedFor } from "./roofline-chance.ts";
import { type Calibration, type Job, placesOf, roundSeconds, usableBytes } from "./roofline-physics.ts";
import type { Problem } from "./roofline-problem.ts";

type Limits = {
  /** Records per second by its CPU, by its channels, and by all that binds it. */
  readonly byWork: number;
  readonly byChannel: number;
  readonly most: number;
  /** The part of its CPU that is used without any record. */
  readonly fixed: number;
};

/** Seats that are alike, and what each of them gets. */
type Kind = {
  readonly limit: Limits;
  seats: number;
  /** Of the time that sources wait. */
  part: number;
  rate: number;
  worth: number;
};

/** In records per second, in the order of the problem's seats. */
export function seatCapacities(
  problem: Problem,
  paces: readonly number[],
  job: Job,
  calibration: Calibration,
  totalPerSecond: number,
): number[] {
  const limits = limitsOf(problem, paces, job, calibration, totalPerSecond);
  const places = placesOf(job, calibration);
  if (places === undefined || limits.length < 2) return limits.map(({ most }) => most);
  const waitedAt = ({ byWork, byChannel, fixed }: Limits, rate: number) =>
    waitedFor(fixed + ((1 - fixed) * rate) / byWork, places.atSeat) +
    waitedFor(rate / byChannel, places.onChannel);
  const kinds = new Map<string, Kind>();
  const kindOf = limits.map((limit) => {
    const key = `${alike(limit.byWork)} ${alike(limit.byChannel)} ${alike(limit.most)}`;
    const kind = kinds.get(key) ?? { limit, seats: 0, part: 1 / limits.length, rate: 0, worth: 0 };
    kinds.set(key, kind);
    kind.seats += 1;
    return kind;
  });
  for (let round = 0; round <= roundsOfParts; round++) {
    let sum = 0;
    for (const kind of kinds.values()) {
      const { limit, part } = kind;
      const rate = highest(limit.most, (one) => waitedAt(limit, one) <= part);
      // At the best shares a little more for one seat makes sources wait as much longer as it does for any other.
      const slope = (waitedAt(limit, rate) - waitedAt(limit, rate * (1 - nudge))) / (rate * nudge);
      kind.rate = rate;
      kind.worth = slope > 0 ? part / slope : 0;
      sum += kind.seats * kind.worth;
    }
    if (!(sum > 0)) break;
    for (const kind of kinds.values()) kind.part = kind.worth / sum;
  }
  return kindOf.map(({ rate }) => rate);
}

const roundsOfParts = 3;
const nudge = 0.01;
const alike = (value: number) => Math.round(Math.log(value) * 200);

function limitsOf(
  problem: Problem,
  paces: readonly number[],
  job: Job,
  calibration: Calibration,
  totalPerSecond: number,
): Limits[] {
  const { costs, bytesPerRecord, windowSeconds, checkpointSeconds } = job;
  const { busyMost, turnMs, links } = calibration;
  const results = job.ratio(totalPerSecond) * costs.perResult;
  const stateBytes = checkpointSeconds === undefined ? 0 : job.stateBytes(totalPerSecond) / checkpointSeconds;
  // A seat's state is in proportion to its records.
  const freeze = (stateBytes * costs.perStateByte) / totalPerSecond;
  const isPaused = windowSeconds !== undefined && results > 0;
  const usable = usableBytes(job, calibration);
  const onNode = new Map<string, number>();
  for (const { node } of problem.seats) onNode.set(node, (onNode.get(node) ?? 0) + 1);
  const down = new Map(
    problem.links.filter(({ way }) => way === "down").map((link) => [link.node, link.bitsPerSecond]),
  );
  return problem.seats.map(({ node, tripMs, remote }, at) => {
    const pace = paces[at]!;
    const together = onNode.get(node)!;
    const each = Math.max(costs.perRecord + results + freeze, 1e-15);
    const whole = (busyMost * pace) / together;
    const fixed = Math.min(1, costs.fixed / whole);
    const byWork = Math.max(whole * (1 - fixed), 1e-9) / each;
    const free = { byWork, byChannel: Number.POSITIVE_INFINITY, most: byWork, fixed };
    if (bytesPerRecord === undefined || remote === 0) return free;
    const bits = down.get(node);
    const link =
      bits === undefined
        ? Number.POSITIVE_INFINITY
        : (bits * links) / (8 * bytesPerRecord * remote * together);
    if (usable === undefined || tripMs === undefined) return { ...free, most: Math.min(byWork, link) };
    const service = (costs.perRecord + (isPaused ? 0 : results)) / pace;
    const perSecond = usable / roundSeconds(tripMs, turnMs, service);
    // x × bytes = perSecond × (1 − the part of the time in which x records fire or freeze) + what buffers took then.
    const paused = (isPaused ? results : 0) + freeze;
    const refill = (isPaused ? usable / windowSeconds : 0) + (freeze > 0 ? usable / checkpointSeconds! : 0);
    const byChannel = Math.min(
      perSecond / (bytesPerRecord * remote),
      (perSecond + refill) / (bytesPerRecord * remote + (perSecond * paused) / pace),
    );
    return { byWork, byChannel, most: Math.min(link, byWork, byChannel), fixed };
  });
}

const halvings = 16;

/** Up to `most`, where `does` holds up to some value and for none beyond. */
function highest(most: number, does: (value: number) => boolean): number {
  let [low, high] = [0, most];
  for (let round = 0; round < halvings; round++) {
    const middle = (low + high) / 2;
    if (does(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
