/**
 * A controller and a plant in one loop under a simulated clock, with faults between them: figures that do not come or are
 * old, rescales that fail, nodes that go. Deterministic: nothing in it waits for anything but the plant.
 */
import { Controller, type ControllerOptions } from "../controller.ts";
import type { DecisionLine } from "../decision-record.ts";
import type { Configuration, Observation } from "../observation.ts";
import type { Plant } from "../plant/plant.ts";
import type { Outcome } from "../policies/policy.ts";
import type { Load } from "./load.ts";

export type Faults = {
  /** What an observation is at a time: as it is, not there at all, or one that is `ms` old. */
  sight(atMs: number): "clear" | "none" | { readonly oldMs: number };
  /** What the n-th rescale comes to, from 0. */
  rescale(count: number): Outcome["is"];
  /** Sorted by time. */
  readonly nodes: readonly { readonly atMs: number; readonly node: string; readonly is: "lost" | "back" }[];
};

export const noFaults: Faults = { sight: () => "clear", rescale: () => "done", nodes: [] };

export type LoopSettings = {
  readonly plant: Plant;
  readonly load: Load;
  readonly durationMs: number;
  readonly tickMs: number;
  readonly controller: ControllerOptions;
  readonly faults: Faults;
  /** Now and then: a loop that waits for nothing would let nothing else happen, not even an interrupt. May throw. */
  breathe(): Promise<void>;
};

/** One call of the engine, as the loop saw it. */
export type Act = {
  readonly atMs: number;
  readonly to: Configuration;
  /** There was one going on already: a mistake of the controller. */
  readonly during: boolean;
  /** At that moment. */
  readonly lost: readonly string[];
  readonly is: Outcome["is"];
};

export type LoopResult = {
  readonly lines: readonly DecisionLine[];
  readonly acts: readonly Act[];
  /** In which records were due for more than a second. */
  readonly backlogSeconds: number;
  /** The sum of how long records were due, each second. */
  readonly lagSeconds: number;
  readonly nodeSeconds: number;
  readonly configuration: Configuration;
  readonly running: boolean;
};

const behindMs = 1_000;
const breathEveryTicks = 50;
/** Old figures are at most so old. */
const rememberedMs = 120_000;

export async function closedLoop(settings: LoopSettings): Promise<LoopResult> {
  const { plant, load, tickMs, faults } = settings;
  const engine = new SimulatedEngine(plant, faults);
  const lines: DecisionLine[] = [];
  const sight = new Sight(plant, faults, engine);
  const controller = new Controller(
    {
      now: () => plant.nowMs,
      observe: async () => sight.look(),
      act: (to) => engine.act(to),
      record: (line) => lines.push(line),
    },
    settings.controller,
  );
  let [backlogSeconds, lagSeconds, nodeSeconds] = [0, 0, 0];
  for (let tick = 0; plant.nowMs < settings.durationMs; tick++) {
    if (tick % breathEveryTicks === 0) await settings.breathe();
    const asked = load(plant.nowMs);
    plant.step(tickMs, asked);
    engine.passTime();
    // An outcome that came due is known before the next look.
    if (!engine.isActing) await controller.acting;
    await controller.tick();
    const lagMs = asked > 0 ? (1000 * plant.backlogRecords) / asked : 0;
    if (lagMs > behindMs) backlogSeconds += tickMs / 1000;
    lagSeconds += (lagMs / 1000) * (tickMs / 1000);
    nodeSeconds += plant.configuration.seats.length * (tickMs / 1000);
  }
  const { configuration } = plant;
  return {
    lines,
    acts: engine.acts,
    backlogSeconds,
    lagSeconds,
    nodeSeconds,
    configuration,
    running: !engine.isDown,
  };
}

/** Rescales the plant, or fails to. */
class SimulatedEngine {
  readonly acts: Act[] = [];
  readonly lost = new Set<string>();
  isDown = false;
  readonly #plant: Plant;
  readonly #faults: Faults;
  #nodes = 0;
  #due: { atMs: number; resolve: () => void } | undefined;
  /** The node whose failing stands for a job that does not run. */
  #stopped: string | undefined;

  constructor(plant: Plant, faults: Faults) {
    this.#plant = plant;
    this.#faults = faults;
  }

  get isActing(): boolean {
    return this.#due !== undefined;
  }

  act(to: Configuration): Promise<Outcome> {
    const plant = this.#plant;
    const from = plant.configuration;
    const needsLost = to.seats.some(({ node }) => this.lost.has(node));
    const is = needsLost ? "failed" : this.#faults.rescale(this.acts.length);
    this.acts.push({ atMs: plant.nowMs, to, during: this.isActing, lost: [...this.lost], is });
    if (this.#stopped !== undefined) {
      if (!this.lost.has(this.#stopped)) plant.recover(this.#stopped);
      this.#stopped = undefined;
    }
    const { standStillMs } = plant.rescale(is === "done" ? to : from);
    this.isDown = is === "failed";
    if (this.isDown) {
      this.#stopped = plant.configuration.seats[0]!.node;
      plant.fail(this.#stopped);
    }
    const atMs = plant.nowMs + standStillMs;
    return new Promise((resolve) => {
      const outcome: Outcome = {
        atMs,
        from,
        to,
        is,
        ...(is === "failed" ? { because: "simulated" } : { standStillMs }),
      };
      this.#due = { atMs, resolve: () => resolve(outcome) };
    });
  }

  /** Nodes go and come back, and an outcome may be due. */
  passTime(): void {
    const { nowMs } = this.#plant;
    for (let next = this.#faults.nodes[this.#nodes]; next !== undefined && next.atMs <= nowMs; ) {
      if (next.is === "lost") {
        this.lost.add(next.node);
        this.#plant.fail(next.node);
      } else {
        this.lost.delete(next.node);
        if (next.node !== this.#stopped) this.#plant.recover(next.node);
      }
      next = this.#faults.nodes[++this.#nodes];
    }
    if (this.#due !== undefined && nowMs >= this.#due.atMs) {
      this.#due.resolve();
      this.#due = undefined;
    }
  }
}

/** What the controller gets to see. */
class Sight {
  readonly #plant: Plant;
  readonly #faults: Faults;
  readonly #engine: SimulatedEngine;
  #seen: Observation[] = [];

  constructor(plant: Plant, faults: Faults, engine: SimulatedEngine) {
    this.#plant = plant;
    this.#faults = faults;
    this.#engine = engine;
  }

  look(): Observation | undefined {
    const { nowMs } = this.#plant;
    const observation = this.#plant.observation();
    if (this.#engine.isDown) return undefined;
    const { lost } = this.#engine;
    const now: Observation = lost.size > 0 ? { ...observation, lost: [...lost] } : observation;
    this.#seen = [...this.#seen.filter(({ atMs }) => nowMs - atMs <= rememberedMs), now];
    const sight = this.#faults.sight(nowMs);
    if (sight === "none") return undefined;
    if (sight === "clear") return now;
    return this.#seen.findLast(({ atMs }) => nowMs - atMs >= sight.oldMs);
  }
}
