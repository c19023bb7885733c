/** Worlds for plants, drawn from a seed: a few kinds of device, some nodes far away, jobs in which different resources bind. */
import type { PlantJob, PlantNetwork, PlantNode, PlantNoise, PlantSettings } from "./plant-world.ts";
import { type Random, seeded } from "./random.ts";

export type RandomPlant = {
  readonly seed: number;
  readonly workers: number;
  readonly generators: number;
  readonly job: "map" | "join";
  /** Added one way towards each of the far half of the workers. */
  readonly farMs: number;
  readonly noise: PlantNoise;
};

export const calm: PlantNoise = { metrics: 0, cost: 0, rtt: 0, missing: 0, nonsense: 0 };
export const moderate: PlantNoise = { metrics: 0.03, cost: 0.05, rtt: 0.04, missing: 0.02, nonsense: 0 };
export const rough: PlantNoise = { ...moderate, missing: 0.1, nonsense: 0.01 };

const devices = [
  { device: "pi5", speed: 0.4 },
  { device: "pi4b", speed: 0.2 },
  { device: "pi3b", speed: 0.1 },
] as const;

export function randomPlant({
  seed,
  workers,
  generators,
  job: kind,
  farMs,
  noise,
}: RandomPlant): PlantSettings {
  const random = seeded(seed);
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  const sources = Array.from({ length: generators }, (_, at) => `gen${at + 1}`);
  const isMixed = random.uniform() < 0.4;
  const usual = devices[Math.floor(between(0, 3))]!;
  const nodes = Array.from({ length: workers }, (_, at): PlantNode => {
    const { device, speed } = isMixed ? devices[Math.floor(between(0, 3))]! : usual;
    // Boards of one kind differ by a few hundredths.
    return {
      name: `dsp${at + 1}`,
      device,
      speed: speed * between(0.97, 1.03),
      speedIsKnown: true,
      slots: 1,
      cores: 1,
    };
  });
  const network = networkOf({ nodes, sources, farMs, between });
  return { nodes, network, job: jobOf(kind, sources, random, between), noise, seed };
}

type Between = (low: number, high: number) => number;

function jobOf(
  kind: "map" | "join",
  generators: readonly string[],
  random: Random,
  between: Between,
): PlantJob {
  const inputs = kind === "join" ? 2 : 1;
  const isJoin = kind === "join";
  const windowMs = random.uniform() < 0.5 ? 1000 : 5000;
  const everyMs = random.uniform() < 0.5 ? 5000 : 10_000;
  // A node of speed 0.2 carries about 1000 records per second.
  const microsPerRecord = isJoin ? between(40, 100) : between(60, 300);
  const bytesPerRecord = between(80, 300);
  // Buffers from a fifth to many times of what a node of speed 0.2 needs over a round trip of 60 ms.
  const bufferBytes = (0.2e6 / microsPerRecord) * bytesPerRecord * 0.06 * Math.exp(between(-1.5, 2.5));
  return {
    operator: isJoin ? "join" : "map",
    sources: Array.from({ length: inputs }, () => generators).flat(),
    inputs,
    microsPerRecord,
    microsPerResult: between(0.3, 1) * microsPerRecord,
    overhead: between(0.002, 0.01),
    bytesPerRecord,
    results: isJoin
      ? { each: "pair", keys: between(1000, 4000) * (windowMs / 1000), windowMs }
      : { each: "record", ratio: random.uniform() < 0.5 ? 1 : between(0.2, 1.5) },
    skew: between(0, 0.1),
    keyGroups: 128,
    checkpoints: {
      everyMs,
      mode: "aligned",
      stateBytes: between(0.1, 4) * 1e6,
      freezeBytesPerSecond: between(200, 1000) * 1e6,
      store: "coord",
    },
    bufferBytes,
    usable: between(0.85, 1),
    turnMs: between(3, 8),
    sourceMax: 1e6,
    standStillMs: between(500, 3000),
  };
}

type Shape = {
  readonly nodes: readonly PlantNode[];
  readonly sources: readonly string[];
  readonly farMs: number;
  readonly between: Between;
};

function networkOf({ nodes, sources, farMs, between }: Shape): PlantNetwork {
  const names = [...nodes.map(({ name }) => name), ...sources, "coord"];
  const place = new Map(names.map((name, at) => [name, at]));
  const isFar = (at: number) => at < nodes.length && at >= Math.ceil(nodes.length / 2);
  const rtts = names.map((_, one) =>
    names.map((_, other) => between(0.5, 3) + (isFar(one) ? farMs : 0) + (isFar(other) ? farMs : 0)),
  );
  const rates = names.map(() => (between(0, 1) < 0.2 ? between(2, 10) * 1e6 : 100e6));
  const rate = (name: string) => (place.get(name)! < nodes.length ? rates[place.get(name)!]! : 100e6);
  return {
    rttMs: (one, other) => {
      const [low, high] = [place.get(one)!, place.get(other)!].sort((a, b) => a - b);
      return low === high ? 0 : rtts[low!]![high!]!;
    },
    up: rate,
    down: rate,
  };
}
