/**
 * A job on very many nodes as an engine would tell of it, made by arithmetic alone: what a controller is timed with. It
 * is busy as its load says and holds its sources up when its most loaded seat is full; nothing else happens in it.
 */
import type { NetworkTable } from "../network-view.ts";
import type { Configuration, Observation, World } from "../observation.ts";
import { PairBeliefs } from "../pair-beliefs.ts";
import { seeded } from "../plant/random.ts";

const sourceCount = 5;
const microsPerRecord = 200;
const bytesPerRecord = 150;
const noise = 0.03;
const bufferBytes = 4 * 2 ** 20;

export class Crowd {
  readonly world: World;
  readonly network: NetworkTable;
  readonly #speeds: ReadonlyMap<string, number>;
  readonly #random: ReturnType<typeof seeded>;

  constructor(workers: number, seed: number) {
    this.#random = seeded(seed);
    const { uniform } = this.#random;
    const sources = Array.from({ length: sourceCount }, (_, index) => `gen${index + 1}`);
    const nodes = Array.from({ length: workers }, (_, index) => {
      const speed = [0.1, 0.2, 0.4][Math.floor(3 * uniform())]!;
      return { name: `dsp${index + 1}`, device: `speed-${speed}`, speed, slots: 1 };
    });
    this.#speeds = new Map(nodes.map(({ name, speed }) => [name, speed]));
    this.world = {
      nodes,
      job: { operator: "map", sources, inputs: 1, joins: false, checkpointMode: "aligned", bufferBytes },
    };
    this.network = networkOf([...sources, ...nodes.map(({ name }) => name)], uniform);
  }

  /** Records per second that these seats carry. */
  carries({ seats }: Configuration): number {
    let least = Infinity;
    for (const { node, share } of seats) least = Math.min(least, this.#carriesAlone(node) / share);
    return least;
  }

  observation(atMs: number, configuration: Configuration, steadyMs: number, asked: number): Observation {
    const taken = Math.min(asked, this.carries(configuration));
    const noisy = (value: number) => value * (1 + noise * this.#random.normal());
    const cpu: Record<string, number> = {};
    const seats = configuration.seats.map(({ node, share }) => {
      const records = taken * share;
      const busy = Math.min(1, noisy(records / this.#carriesAlone(node)));
      cpu[node] = busy;
      return {
        node,
        share,
        recordsInPerSecond: noisy(records),
        recordsOutPerSecond: noisy(records),
        bytesInPerSecond: noisy(records * bytesPerRecord),
        busy,
        backpressured: 0,
        idle: 1 - busy,
        stateBytes: 1000,
        queuedBytes: 100,
      };
    });
    const short = taken < asked;
    return {
      atMs,
      configuration,
      steadyMs,
      askedPerSecond: asked,
      takenPerSecond: taken,
      sourceBackpressured: short ? 0.95 : 0,
      lagMs: short ? steadyMs * (1 - taken / asked) : 0,
      seats,
      cpu,
      network: this.network,
    };
  }

  #carriesAlone(node: string): number {
    return (1e6 * this.#speeds.get(node)!) / microsPerRecord;
  }
}

/** On a plane, 30 ms across, with a spread of a tenth; the two ways of a pair are one belief. */
function networkOf(names: readonly string[], uniform: () => number): NetworkTable {
  const places = names.map(() => [30 * uniform(), 30 * uniform()] as const);
  const pairs = new PairBeliefs(names.length);
  for (const [row, [x, y]] of places.entries()) {
    for (let column = 0; column < row; column++) {
      const rttMs = 0.5 + Math.hypot(x - places[column]![0], y - places[column]![1]);
      pairs.set(row, column, { rttMs, lowMs: 0.9 * rttMs, highMs: 1.1 * rttMs });
    }
  }
  const rates = Object.fromEntries(names.map((name) => [name, 1e9]));
  return { nodes: names, pairs, up: rates, down: rates };
}
