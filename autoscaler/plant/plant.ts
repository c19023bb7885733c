/**
 * A job on a network, simulated: what models are tested with, and policies in a closed loop. It is not the model: it
 * moves records tick by tick and knows no formula for throughput. Everything it does follows from its seed.
 */
import type { Configuration, Observation, World } from "../observation.ts";
import { Figures } from "./figures.ts";
import { Flow, type SeatPlace, tickMs } from "./flow.ts";
import type { PlantNetwork, PlantNode, PlantSettings } from "./plant-world.ts";
import { type Random, seeded } from "./random.ts";

/** Of the records asked for. */
const backlogGrowthMost = 0.003;
/** Relative. */
const searchedTo = 0.01;
/** The cost of a record wanders with this time constant. */
const costWandersMs = 3000;

export class Plant {
  nowMs = 0;
  readonly world: World;
  #configuration: Configuration;
  #network: PlantNetwork;
  #flow: Flow;
  #standStillMs = 0;
  #failed = new Set<string>();
  #speeds = new Map<string, number>();
  #wander = new Map<string, number>();
  readonly #settings: PlantSettings;
  readonly #random: Random;
  readonly #groups: readonly number[];
  readonly #figures: Figures;

  constructor(settings: PlantSettings, first: Configuration) {
    this.#settings = settings;
    this.#network = settings.network;
    this.#random = seeded(settings.seed);
    this.#groups = keyGroupLoads(settings);
    this.world = worldOf(settings);
    this.#configuration = first;
    this.#flow = this.#start(first);
    this.#figures = new Figures(settings, this.#random);
    this.#wanderCosts(0);
  }

  /** With the shares as they are in whole key groups. */
  get configuration(): Configuration {
    return this.#configuration;
  }

  get isStandingStill(): boolean {
    return this.#standStillMs > 0 || this.#hasFailed;
  }

  /** Records that are due at the sources and were not taken yet. */
  get backlogRecords(): number {
    return this.#flow.backlog;
  }

  /** Records since the start. */
  get taken(): number {
    return this.#figures.takenBefore + this.#flow.taken;
  }

  get #hasFailed(): boolean {
    return this.#configuration.seats.some(({ node }) => this.#failed.has(node));
  }

  step(forMs: number, askedPerSecond: number): void {
    for (let leftMs = forMs; leftMs >= tickMs; leftMs -= tickMs) {
      this.nowMs += tickMs;
      this.#wanderCosts(tickMs);
      if (this.isStandingStill) this.#flow.owe((askedPerSecond * tickMs) / 1000);
      else this.#flow.tick(askedPerSecond, this.#network, this.#speeds);
      const { isStandingStill } = this;
      this.#standStillMs = Math.max(0, this.#standStillMs - tickMs);
      this.#figures.passed(tickMs, askedPerSecond, isStandingStill);
    }
  }

  observation(): Observation {
    const network = this.#network;
    const failed = this.#failed;
    return this.#figures.read({
      atMs: this.nowMs,
      flow: this.#flow,
      network,
      configuration: this.#configuration,
      failed,
    });
  }

  rescale(to: Configuration): { standStillMs: number } {
    const { checkpoints, standStillMs } = this.#settings.job;
    const movedBits = this.#flow.seats.map(
      ({ node, stateBytes }) => (stateBytes * 8000) / this.#network.up(node.name),
    );
    const waitMs = standStillMs + (checkpoints?.store === undefined ? 0 : Math.max(...movedBits));
    this.#restart(to);
    this.#standStillMs = waitMs;
    return { standStillMs: waitMs };
  }

  /** Records that are overdue need not be made any more, as in a search for the highest rate. */
  forgetBacklog(): void {
    this.#flow.forget();
  }

  /** Links moved: channels are opened anew, and go on at once. */
  setNetwork(network: PlantNetwork): void {
    this.#network = network;
    this.#restart(this.#configuration, false);
  }

  fail(node: string): void {
    this.#failed.add(node);
  }

  recover(node: string): void {
    this.#failed.delete(node);
  }

  /**
   * The truth, in records per second: copies without noise are held at one rate each, for whole windows and checkpoints,
   * until the highest is found at which what waits does not grow. (Kept saturated instead, a join does other things: a window
   * that took in too much makes the next ones take too little.)
   */
  mst(configuration: Configuration): number {
    const { results, checkpoints } = this.#settings.job;
    const windowMs = results.each === "pair" ? results.windowMs : 1000;
    const cycleMs = Math.max(checkpoints?.everyMs ?? windowMs, windowMs);
    const warmUpMs = Math.max(3000, cycleMs + windowMs);
    const measuredMs = Math.ceil(8000 / cycleMs) * cycleMs;
    const speeds = new Map(this.#settings.nodes.map(({ name, speed }) => [name, speed]));
    const isHeld = (rate: number) => {
      const flow = this.#start(configuration, false);
      for (let ms = 0; ms < warmUpMs; ms += tickMs) flow.tick(rate, this.#network, speeds);
      const waiting = flow.backlog + flow.underWay;
      for (let ms = 0; ms < measuredMs; ms += tickMs) flow.tick(rate, this.#network, speeds);
      const grown = flow.backlog + flow.underWay - waiting;
      return grown <= (backlogGrowthMost * rate * measuredMs) / 1000;
    };
    // No seat can do more than if results cost nothing.
    const most = this.#places(configuration).map(
      ({ node, load }) => (node.speed * 1e6) / this.#settings.job.microsPerRecord / load,
    );
    let [low, high] = [0, Math.min(...most)];
    while (high - low > searchedTo * high) {
      const middle = (low + high) / 2;
      if (isHeld(middle)) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }

  #restart(to: Configuration, isRescale = true): void {
    const { backlog } = this.#flow;
    this.#figures.restarted(this.#flow, isRescale);
    this.#flow = this.#start(to);
    this.#flow.owe(backlog);
  }

  #start(wanted: Configuration, isReal = true): Flow {
    const places = this.#places(wanted);
    if (isReal)
      this.#configuration = { seats: places.map(({ node, share }) => ({ node: node.name, share })) };
    return new Flow(this.#settings, this.#network, places);
  }

  #places({ seats }: Configuration): SeatPlace[] {
    const total = seats.reduce((sum, { share }) => sum + share, 0);
    const count = this.#groups.length;
    let [before, first] = [0, 0];
    return seats.map(({ node: name, share }) => {
      before += share / total;
      const last = Math.round(before * count);
      const groups = this.#groups.slice(first, last);
      first = last;
      const node = this.#settings.nodes.find((one) => one.name === name);
      if (node === undefined) throw new Error(`no node ${name} in the plant`);
      return { node, share: groups.length / count, load: groups.reduce((sum, one) => sum + one, 0) };
    });
  }

  #wanderCosts(forMs: number): void {
    const keeps = Math.exp(-forMs / costWandersMs);
    for (const { name, speed } of this.#settings.nodes) {
      const { cost } = this.#settings.noise;
      const before = this.#wander.get(name) ?? 0;
      const drawn = cost > 0 ? cost * Math.sqrt(1 - keeps * keeps) * this.#random.normal() : 0;
      this.#wander.set(name, before * keeps + drawn);
      this.#speeds.set(name, speed * Math.exp(-(before * keeps + drawn)));
    }
  }
}

/** Of each key group, the part of all records. */
function keyGroupLoads({ job, seed }: PlantSettings): number[] {
  const random = seeded(seed ^ 0x5eed);
  const loads = Array.from({ length: job.keyGroups }, () => Math.max(0.05, 1 + job.skew * random.normal()));
  const total = loads.reduce((sum, load) => sum + load, 0);
  return loads.map((load) => load / total);
}

function worldOf({ nodes, job }: PlantSettings): World {
  const facts = ({ name, device, slots, speed, speedIsKnown }: PlantNode) => ({
    name,
    device,
    slots,
    ...(speedIsKnown ? { speed } : {}),
  });
  const { checkpoints, results } = job;
  return {
    nodes: nodes.map(facts),
    job: {
      operator: job.operator,
      sources: job.sources,
      inputs: job.inputs,
      joins: results.each === "pair",
      ...(results.each === "pair" ? { windowMs: results.windowMs } : {}),
      ...(checkpoints === undefined ? {} : { checkpointEveryMs: checkpoints.everyMs }),
      checkpointMode: checkpoints?.mode ?? "aligned",
      ...(checkpoints?.store === undefined ? {} : { store: checkpoints.store }),
      bufferBytes: job.bufferBytes,
    },
  };
}
