/** What a plant lets one see: differences of counters between two readings, with noise, gaps and nonsense. */
import type { NetworkTable } from "../network-view.ts";
import type { Configuration, Observation, SeatObservation } from "../observation.ts";
import { PairBeliefs } from "../pair-beliefs.ts";
import type { Flow } from "./flow.ts";
import type { PlantNetwork, PlantSettings } from "./plant-world.ts";
import type { Random } from "./random.ts";

type Reading = {
  readonly atMs: number;
  readonly flow: Flow;
  readonly network: PlantNetwork;
  readonly configuration: Configuration;
  readonly failed: ReadonlySet<string>;
};

type SeatCounters = { recordsIn: number; recordsOut: number; bytesIn: number; busyMs: number };

/**
 * Of wall time, when a node that may use a part of a core uses so much of that. Work goes at the speed of the whole core until
 * the part is used up; then it is held. Half loaded it is hardly ever held, near its limit most of the time.
 */
export function busyWhileHeld(used: number, part: number): number {
  const working = Math.min(1, used) * part;
  return working + (1 - working) * Math.min(1, used) ** 6;
}

export class Figures {
  takenBefore = 0;
  #passedMs = 0;
  #steadyMs = 0;
  #asked = 0;
  #last:
    | { taken: number; heldUpMs: number; seats: readonly SeatCounters[]; checkpointBytes: number }
    | undefined;
  readonly #settings: PlantSettings;
  readonly #random: Random;

  constructor(settings: PlantSettings, random: Random) {
    this.#settings = settings;
    this.#random = random;
  }

  passed(ms: number, askedPerSecond: number, isStandingStill: boolean): void {
    this.#passedMs += ms;
    this.#asked += (askedPerSecond * ms) / 1000;
    if (isStandingStill) this.#steadyMs = 0;
    else this.#steadyMs += ms;
  }

  restarted(flow: Flow, isRescale: boolean): void {
    this.takenBefore += flow.taken;
    this.#last = undefined;
    this.#passedMs = 0;
    this.#asked = 0;
    if (isRescale) this.#steadyMs = 0;
  }

  read({ atMs, flow, network, configuration, failed }: Reading): Observation {
    const seconds = this.#passedMs / 1000;
    const last = this.#last;
    const asked = this.#asked / seconds;
    const isBlind = configuration.seats.some(({ node }) => failed.has(node)) || !(seconds > 0);
    const cpu: Record<string, number> = {};
    const seats = flow.seats.map((seat, at): SeatObservation => {
      const place = configuration.seats[at]!;
      if (isBlind) return place;
      const before = last?.seats[at] ?? { recordsIn: 0, recordsOut: 0, bytesIn: 0, busyMs: 0 };
      const used = (seat.busyMs - before.busyMs) / this.#passedMs;
      const { isHeld, speed, cores } = seat.node;
      const busy = Math.min(1, this.#noisy(isHeld ? busyWhileHeld(used, speed) : used));
      cpu[place.node] = (cpu[place.node] ?? 0) + (isHeld ? this.#noisy(used) : busy) / cores;
      const seen = {
        recordsInPerSecond: this.#noisy((seat.recordsIn - before.recordsIn) / seconds),
        recordsOutPerSecond: this.#noisy((seat.recordsOut - before.recordsOut) / seconds),
        bytesInPerSecond: this.#noisy((seat.bytesIn - before.bytesIn) / seconds),
        busy,
        backpressured: 0,
        idle: 1 - busy,
        stateBytes: seat.stateBytes,
        queuedBytes: seat.queuedBytes,
      };
      return { ...place, ...this.#spoilt(seen) };
    });
    const taken = this.#noisy((flow.taken - (last?.taken ?? 0)) / seconds);
    const heldUp = (flow.heldUpMs - (last?.heldUpMs ?? 0)) / this.#passedMs;
    const job = isBlind
      ? {}
      : this.#spoilt({
          takenPerSecond: taken,
          sourceBackpressured: Math.min(1, heldUp),
          lagMs: asked > 0 ? (flow.backlog / asked) * 1000 : 0,
        });
    const { checkpointMs: durationMs, checkpointBytes: bytes } = flow;
    this.#last = {
      taken: flow.taken,
      heldUpMs: flow.heldUpMs,
      seats: flow.seats.map(({ recordsIn, recordsOut, bytesIn, busyMs }) => ({
        recordsIn,
        recordsOut,
        bytesIn,
        busyMs,
      })),
      checkpointBytes: bytes,
    };
    this.#passedMs = this.#asked = 0;
    const alignments = flow.seats.flatMap(({ alignmentMs }) => alignmentMs ?? []);
    const alignmentMs = alignments.length > 0 ? { alignmentMs: Math.max(...alignments) } : {};
    return {
      atMs,
      configuration,
      steadyMs: this.#steadyMs,
      ...(seconds > 0 ? { askedPerSecond: asked } : {}),
      ...job,
      seats,
      cpu,
      network: this.#table(network),
      ...(durationMs === undefined ? {} : { checkpoint: { durationMs, bytes, ...alignmentMs } }),
    };
  }

  #noisy(value: number): number {
    return value * Math.max(0, 1 + this.#settings.noise.metrics * this.#random.normal());
  }

  /** Now and then a figure is missing, or nonsense. */
  #spoilt<Seen extends Record<string, number>>(seen: Seen): Partial<Seen> {
    const { missing, nonsense } = this.#settings.noise;
    if (missing + nonsense === 0) return seen;
    const entries = Object.entries(seen).flatMap(([name, value]) => {
      if (this.#random.uniform() < missing) return [];
      if (this.#random.uniform() >= nonsense) return [[name, value] as const];
      const drawn = this.#random.uniform();
      return [[name, drawn < 0.4 ? value * 10 : drawn < 0.7 ? 0 : Number.NaN] as const];
    });
    return Object.fromEntries(entries) as Partial<Seen>;
  }

  #table(network: PlantNetwork): NetworkTable {
    const { nodes, job, noise } = this.#settings;
    const names = [...new Set([...nodes.map(({ name }) => name), ...job.sources])];
    const pairs = new PairBeliefs(names.length);
    for (const [row, one] of names.entries()) {
      for (let column = 0; column < row; column++) {
        const truth = network.rttMs(one, names[column]!);
        const rttMs = truth * Math.max(0.1, 1 + noise.rtt * this.#random.normal());
        const spread = 1.28 * noise.rtt * rttMs;
        pairs.set(row, column, { rttMs, lowMs: Math.max(0, rttMs - spread), highMs: rttMs + spread });
      }
    }
    const known = (of: (node: string) => number) =>
      Object.fromEntries(
        names.map((name) => [name, of(name)] as const).filter(([, rate]) => Number.isFinite(rate)),
      );
    return { nodes: names, pairs, up: known(network.up), down: known(network.down) };
  }
}
