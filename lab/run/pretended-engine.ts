/** An engine for tests: one operator whose subtasks each do so many records a second, in time that the test lets pass. */
import type {
  Engine,
  EngineCheckpoint,
  EngineLoad,
  EngineMetrics,
  EngineRescale,
  EngineRescaled,
  EngineSubtask,
} from "#engine/engine.ts";
import { askedAt } from "./asked-rate.ts";

export type PretendedSettings = {
  readonly operator: string;
  readonly first: { readonly workers: readonly string[]; readonly shares: readonly number[] };
  /** Records per second, by worker. */
  capacity(worker: string): number;
};

const epochMs = 1_800_000_000_000;
const bufferSeconds = 0.2;

export class PretendedEngine implements Engine {
  readonly name = "pretended";
  readonly over: Promise<void>;
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
  readonly loads: EngineLoad[] = [];
  readonly rescales: EngineRescale[] = [];
  nowMs = 0;
  isSilent = false;
  hasEnded = false;
  attempt = 1;
  /** Of each of the next rescales, in order; `done` without one. */
  readonly outcomes: EngineRescaled["outcome"][] = [];
  readonly checkpoints: EngineCheckpoint[] = [];
  readonly #settings: PretendedSettings;
  #placed: PretendedSettings["first"];
  #load: EngineLoad = { steps: [], fresh: true };
  #loadSinceMs = 0;
  #overdue = 0;
  #queued = 0;
  #source = { out: 0, busyMs: 0, backpressuredMs: 0, idleMs: 0 };
  #worked = 0;

  constructor(settings: PretendedSettings) {
    this.#settings = settings;
    this.#placed = settings.first;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.over = promise;
    this.over.catch(() => undefined);
    this.finish = resolve;
    this.fail = reject;
  }

  /** What all can take together: as much as the most loaded one lets through. */
  get capacity(): number {
    const { workers, shares } = this.#placed;
    return Math.min(...workers.map((worker, index) => this.#settings.capacity(worker) / shares[index]!));
  }

  pass(ms: number): void {
    for (let step = 0; step < ms; step += 10) {
      this.nowMs += 10;
      const asked = askedAt(this.#load.steps, this.nowMs - this.#loadSinceMs) / 100;
      const done = Math.min(this.#queued, this.capacity / 100);
      this.#queued -= done;
      this.#worked += done;
      this.#overdue += asked;
      const passed = Math.min(this.#overdue, this.capacity * bufferSeconds - this.#queued);
      this.#source[passed < this.#overdue ? "backpressuredMs" : "idleMs"] += 10;
      this.#overdue -= passed;
      this.#queued += passed;
      this.#source.out += passed;
    }
  }

  async metrics(): Promise<EngineMetrics> {
    if (this.isSilent) throw new Error("nobody listens");
    const { operator } = this.#settings;
    const { workers, shares } = this.#placed;
    const atMs = epochMs + this.nowMs;
    const asked = askedAt(this.#load.steps, this.nowMs - this.#loadSinceMs);
    const common = { atMs, bytesOut: 0, stateBytes: 0, queuedBytes: 0 };
    const { out, ...spent } = this.#source;
    const source: EngineSubtask = {
      ...common,
      ...{ operators: ["source"], subtask: 0, worker: "gen", isSource: true, recordsIn: 0, recordsOut: out },
      ...{ ...spent, lagMs: asked === 0 ? 0 : (this.#overdue / asked) * 1000 },
    };
    const seats = workers.map((worker, subtask): EngineSubtask => {
      const records = this.#worked * shares[subtask]!;
      return {
        ...common,
        ...{ operators: [operator], subtask, worker, isSource: false, bytesIn: records * 100 },
        ...{ recordsIn: records, recordsOut: records },
        ...{ busyMs: this.nowMs, backpressuredMs: 0, idleMs: 0 },
      };
    });
    return {
      ...{ atMs, state: "running", attempt: this.attempt, restarts: 0, subtasks: [source, ...seats] },
      placement: { source: { workers: ["gen"], shares: [1] }, [operator]: this.#placed },
      checkpoints: this.checkpoints,
    };
  }

  async load(load: EngineLoad): Promise<void> {
    this.loads.push(load);
    this.#load = load;
    this.#loadSinceMs = this.nowMs;
    if (load.fresh) this.#overdue = 0;
  }

  async rescale(wanted: EngineRescale): Promise<EngineRescaled> {
    this.rescales.push(wanted);
    const outcome = this.outcomes.shift() ?? "done";
    if (outcome === "done") {
      this.attempt += 1;
      this.#placed = { workers: wanted.workers, shares: wanted.shares };
      this.#queued = 0;
    }
    const because = outcome === "done" ? {} : { because: "pretended" };
    return { outcome, ...because, savepointMs: 5, standStillMs: 100 };
  }

  async savepoint(): Promise<string> {
    return "savepoint-1";
  }

  async stop(): Promise<string> {
    this.hasEnded = true;
    return "savepoint-2";
  }

  async end(): Promise<void> {
    this.hasEnded = true;
  }
}
