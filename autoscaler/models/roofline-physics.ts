/**
 * The roofline itself: how much of each resource a rate uses, and the rate at which the first is used up. Pure; what the
 * figures are is learnt elsewhere.
 */
import { leftByChance, waitedFor } from "./roofline-chance.ts";
import type { Costs } from "./roofline-costs.ts";
import type { Problem } from "./roofline-problem.ts";

export type Job = {
  readonly costs: Costs;
  /** Results per record, and bytes of state, when all sources together give so much. */
  ratio(rate: number): number;
  stateBytes(rate: number): number;
  readonly bytesPerRecord?: number;
  readonly bufferBytes?: number;
  /** How long records are gathered for a frame. */
  readonly flushSeconds?: number;
  readonly windowSeconds?: number;
  readonly checkpointSeconds?: number;
  readonly sourcesMost?: number;
  /** To each seat: one from each subtask of a source. */
  readonly channels: number;
};

/** What physics leaves open. */
export type Calibration = {
  /** The part of the time that a seat can be busy. */
  readonly busyMost: number;
  /** The part of a worker's buffers that is of use, and what credits wait for beside the round trip. */
  readonly buffers: number;
  readonly turnMs: number;
  /** How much of the places between source and seat evens out what comes by chance. */
  readonly places: number;
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

type Usage = {
  readonly most: Use;
  /** The part of the time for which sources wait for one seat or another. */
  readonly waited: number;
};

/** Of seats that share no node with another one. */
const nobody = new Float64Array(0);

/** `paces`: of each seat's node, in seconds of speed 1 in a second. `isWaiting`: what sources wait is asked for. */
function usageAt(
  problem: Problem,
  paces: readonly number[],
  job: Job,
  calibration: Calibration,
  rate: number,
  isWaiting: boolean,
): Usage {
  const { seats, together, links } = problem;
  const { costs, bytesPerRecord, windowSeconds, checkpointSeconds } = job;
  const { busyMost, turnMs, pauses } = calibration;
  const results = job.ratio(rate) * costs.perResult;
  const isWindowed = windowSeconds !== undefined;
  const each = costs.perRecord + (isWindowed ? 0 : results);
  const freeze =
    checkpointSeconds === undefined ? 0 : (job.stateBytes(rate) * costs.perStateByte) / checkpointSeconds;
  const usable = usableBytes(job, calibration);
  const bytes = bytesPerRecord ?? 0;
  const places = isWaiting ? placesOf(job, calibration) : undefined;

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

  let [most, waited]: [Use, number] = [{ used: 0, resource: "cpu", seat: 0 }, 0];
  const busy = together.length === 0 ? nobody : new Float64Array(seats.length);
  for (let at = 0; at < seats.length; at++) {
    const { load, share, tripMs, remote, alike = 1 } = seats[at]!;
    const pace = paces[at]!;
    const own = ((isWindowed ? load * rate * results : 0) + share * freeze) / pace;
    const work = (costs.fixed + load * rate * each) / pace;
    const used = (work + Math.max(own, stopped)) / busyMost;
    if (together.length > 0) busy[at] = work + own;
    let byChannel = 0;
    if (usable !== undefined && bytes > 0 && tripMs !== undefined && remote > 0) {
      const perSecond = usable / roundSeconds(tripMs, turnMs, each / pace);
      const paused = Math.min(1, Math.max(own, stopped));
      // What its buffers took in the meantime it need not wait for.
      const capacity = Math.min(perSecond, perSecond * (1 - paused) + (paused > 0 ? usable * perPause : 0));
      byChannel = (load * remote * rate * bytes) / capacity;
    }
    if (places !== undefined)
      waited += alike * (waitedFor(used, places.atSeat) + waitedFor(byChannel, places.onChannel));
    if (Math.max(used, byChannel) <= most.used) continue;
    if (byChannel > used) {
      most = { used: byChannel, resource: "channel", seat: at };
      continue;
    }
    const waits = stopped > own ? (firing >= freezing ? firingSeat : freezingSeat) : undefined;
    const isFreezing = (share * freeze) / pace > 0.4 * used || (waits !== undefined && freezing > firing);
    const resource = isFreezing ? "checkpoint" : "cpu";
    most = { used, resource, seat: at, ...(waits === undefined ? {} : { waitsFor: waits }) };
  }
  for (const here of together) {
    const used = here.reduce((sum, at) => sum + busy[at]!, 0) / busyMost;
    if (used > most.used) most = { used, resource: "cpu", seat: here[0]! };
  }
  const carried = links.length === 0 ? 0 : bytes + frameBytes * framesPerRecord(job, rate, problem.count);
  // A fit asks a thousand times for a thousand links: what is not worse must leave no garbage.
  for (let at = 0; bytes > 0 && at < links.length; at++) {
    const { bitsPerSecond, load } = links[at]!;
    const used = (load * rate * carried * 8) / (bitsPerSecond * calibration.links * going);
    if (used > most.used) most = { used, resource: "link", link: at };
  }
  if (job.sourcesMost !== undefined) {
    const used = rate / (job.sourcesMost * going);
    if (used > most.used) most = { used, resource: "source" };
  }
  return { most, waited };
}

/**
 * What a frame takes of a link beside its records: its own heading, those of Ethernet, IP and TCP, and the acknowledgement
 * of the credit that comes back for it.
 */
const frameBytes = 170;

/** Few records among many channels travel alone; of many, thousands share a frame. */
function framesPerRecord({ channels, flushSeconds }: Job, rate: number, seats: number): number {
  return flushSeconds === undefined ? 0 : Math.min(1, (seats * channels) / (flushSeconds * rate));
}

/** Credit comes back when a record was worked at. */
export function roundSeconds(tripMs: number, turnMs: number, serviceSeconds: number): number {
  return (tripMs + turnMs) / 1000 + serviceSeconds;
}

/** Credits are granted in parts of the window, so that not all of it is ever in use. */
const granted = 0.9;
const manyRecords = 20;

/**
 * Of a worker's buffers, what is of use. Records are whole: a channel whose part of them is one record and a half has room
 * for one, though never for less. Of many records half a one makes no difference.
 */
export function usableBytes(job: Job, { buffers }: Calibration): number | undefined {
  const { bytesPerRecord, bufferBytes, channels } = job;
  if (bufferBytes === undefined) return undefined;
  const bytes = bufferBytes * granted;
  if (!bytesPerRecord) return bytes * buffers;
  const records = bytes / (channels * bytesPerRecord);
  const beyond = (records - Math.floor(records)) * Math.max(0, 1 - records / manyRecords);
  return Math.max(1, records - beyond) * channels * bytesPerRecord * buffers;
}

/** One record waits at its source. */
const atSource = 1;

/**
 * For how many records there is room on the way from one source to a seat, its source included, and before a seat that works
 * at what all sources send. Records come more evenly over a delay than from a queue: half a place less.
 */
export function placesOf(
  job: Job,
  calibration: Calibration,
): { atSeat: number; onChannel: number } | undefined {
  const usable = usableBytes(job, calibration);
  const { channels, bytesPerRecord } = job;
  if (usable === undefined || !bytesPerRecord) return undefined;
  const { places } = calibration;
  const each = usable / (channels * bytesPerRecord) + atSource;
  return { atSeat: 1 + places * each * channels, onChannel: 0.5 + places * each };
}

const roundsMax = 60;

/** The rate at which the tightest resource is used up, less what chance takes, and which that is. */
export function sustained(
  problem: Problem,
  paces: readonly number[],
  job: Job,
  calibration: Calibration,
): { rate: number; use: Use } {
  const useAt = (rate: number) => usageAt(problem, paces, job, calibration, rate, false).most;
  const waitedAt = (rate: number) => usageAt(problem, paces, job, calibration, rate, true).waited;
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
  const left = leftByChance(rate, waitedAt);
  return { rate: rate * left * problem.count ** -calibration.contention, use };
}
