/**
 * Ticks of one configuration averaged over a whole number of windows and at least one checkpoint, so that bursts are in
 * every average as often as in the long run.
 */
import type { Configuration, JobFacts, Observation } from "../observation.ts";
import { type CleanSeat, plain } from "./clean-tick.ts";

export type Cycle = {
  readonly configuration: Configuration;
  /** Records per second, all sources together. */
  readonly taken: number;
  /** In half of the time less than this: a moment in which another load began, or was read late, has no part in it. */
  readonly takenUsually: number;
  readonly asked?: number;
  /** The part of the time for which sources were held up: the mean of ticks, and the least. */
  readonly heldUp?: number;
  readonly heldUpLeast?: number;
  readonly seats: readonly CleanSeat[];
};

const leastMs = 4000;
const mostMs = 30_000;
/** What a job does at first, compiling and filling its buffers, is not what it does later. */
const warmUpMs = 2000;
/** A gap longer than this between two ticks ends a cycle. */
const gapMs = 3000;

export function cycleMsOf({ windowMs, checkpointEveryMs }: JobFacts): number {
  const least = Math.max(leastMs, Math.min(mostMs, checkpointEveryMs ?? 0));
  return windowMs === undefined ? least : Math.ceil(least / windowMs) * windowMs;
}

export const warmUpMsOf = ({ windowMs }: JobFacts) => warmUpMs + (windowMs ?? 0);

/** From one tick to the next. What was asked before is in queues, and in figures that are read a little later. */
const loadJump = 0.1;

export function isOtherLoad(one: Observation, other: Observation): boolean {
  const [before, after] = [plain(one.askedPerSecond), plain(other.askedPerSecond)];
  return before !== undefined && after !== undefined && Math.abs(after - before) > loadJump * before;
}

type Tick = { readonly observation: Observation; readonly seats: readonly CleanSeat[]; readonly ms: number };

export class Cycles {
  readonly #cycleMs: number;
  readonly #warmUpMs: number;
  #ticks: Tick[] = [];
  #last: Observation | undefined;

  constructor(job: JobFacts) {
    this.#cycleMs = cycleMsOf(job);
    this.#warmUpMs = warmUpMsOf(job);
  }

  /** A cycle, when one became complete with this tick. */
  add(observation: Observation, seats: readonly CleanSeat[]): Cycle | undefined {
    const last = this.#last;
    this.#last = observation;
    const ms = last === undefined ? 0 : observation.atMs - last.atMs;
    const goesOn =
      last !== undefined &&
      ms > 0 &&
      ms <= gapMs &&
      sameConfiguration(last.configuration, observation.configuration) &&
      !isOtherLoad(last, observation);
    if (!goesOn || !(observation.steadyMs >= this.#warmUpMs)) {
      this.#ticks = [];
      return undefined;
    }
    this.#ticks.push({ observation, seats, ms });
    if (this.#ticks.reduce((sum, tick) => sum + tick.ms, 0) < this.#cycleMs * 0.99) return undefined;
    const ticks = this.#ticks;
    this.#ticks = [];
    return average(ticks);
  }
}

/** Undefined when too little of it was seen. */
function average(ticks: readonly Tick[]): Cycle | undefined {
  const mean = (of: (tick: Tick) => number | undefined) => {
    const [total, whole] = [{ value: 0, ms: 0 }, ticks.reduce((sum, { ms }) => sum + ms, 0)];
    for (const tick of ticks) {
      const value = plain(of(tick));
      if (value === undefined) continue;
      total.value += value * tick.ms;
      total.ms += tick.ms;
    }
    return total.ms >= whole * 0.6 ? total.value / total.ms : undefined;
  };
  const bounded = boundedTaken(ticks);
  const taken = mean(({ observation }) => bounded(observation.takenPerSecond));
  if (taken === undefined) return undefined;
  const asked = mean(({ observation }) => observation.askedPerSecond);
  const held = ticks.flatMap(({ observation }) => plain(observation.sourceBackpressured) ?? []);
  const heldUp = mean(({ observation }) => observation.sourceBackpressured);
  const [{ observation }] = [ticks[0]!];
  const seats = observation.configuration.seats.map(({ node, share }, at): CleanSeat => {
    const field = (name: "recordsIn" | "recordsOut" | "bytesIn" | "busy" | "cpu" | "stateBytes") => {
      const value = mean(({ seats }) => seats[at]?.[name]);
      return value === undefined ? {} : { [name]: value };
    };
    const fields = { ...field("recordsIn"), ...field("recordsOut"), ...field("bytesIn") };
    return { node, share, ...fields, ...field("busy"), ...field("cpu"), ...field("stateBytes") };
  });
  return {
    configuration: observation.configuration,
    taken,
    takenUsually: quantileOfTaken(ticks, 0.5) ?? taken,
    ...(asked === undefined ? {} : { asked }),
    ...(heldUp === undefined ? {} : { heldUp, heldUpLeast: Math.min(...held) }),
    seats,
  };
}

/** Sources may stop for a while, but do not give four times what they usually give. */
function boundedTaken(ticks: readonly Tick[]): (taken: number | undefined) => number | undefined {
  const usual = quantileOfTaken(ticks, 0.6) ?? 0;
  return (taken) => (taken !== undefined && usual > 0 && taken > 4 * usual ? undefined : taken);
}

function quantileOfTaken(ticks: readonly Tick[], part: number): number | undefined {
  const sorted = ticks
    .flatMap(({ observation }) => plain(observation.takenPerSecond) ?? [])
    .sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * part)];
}

export function sameConfiguration(one: Configuration, other: Configuration): boolean {
  return (
    one === other ||
    (one.seats.length === other.seats.length &&
      one.seats.every(
        ({ node, share }, at) => node === other.seats[at]!.node && share === other.seats[at]!.share,
      ))
  );
}

/** The sources were held up all along, so what was taken is what the configuration can carry. */
export function isSaturated({ heldUp, heldUpLeast, asked, taken }: Cycle): boolean {
  return (
    heldUp !== undefined &&
    heldUp > 0.5 &&
    heldUpLeast! > 0.1 &&
    (asked === undefined || asked > taken * 1.02)
  );
}
