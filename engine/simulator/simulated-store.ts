/**
 * A store that is slow and fails as stores do: an error and nothing done, an error although it was done, no answer for
 * long. What a crashed process had asked for is done or not, before that process is back.
 */
import type { Answer, Store } from "../checkpoint/store.ts";
import { EngineError } from "../engine-error.ts";
import type { EventQueue } from "./event-queue.ts";
import type { Random } from "./random.ts";
import type { Trace } from "./trace.ts";

export type StoreFaults = {
  readonly meanDelayMs: number;
  /** Of requests: the answer is an error; of puts and removals half are done all the same. */
  readonly errorRatio: number;
  /** By the simulation's clock. */
  readonly errorsUntilMs: number;
};

export class SimulatedStore {
  readonly blobs = new Map<string, Uint8Array>();
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #trace: Trace;
  readonly #faults: StoreFaults;
  /** While true nothing is done and every answer is an error. */
  isDown = false;

  constructor(queue: EventQueue, random: Random, trace: Trace, faults: StoreFaults) {
    this.#queue = queue;
    this.#random = random;
    this.#trace = trace;
    this.#faults = faults;
  }

  /** As one process sees it; answers are dropped once that process is gone. */
  seenBy(isAlive: () => boolean): Store {
    const { blobs } = this;
    const missing = (name: string) => new EngineError("blob-missing", `there is no ${name}`, "");
    return {
      name: "simulated store",
      put: (name, bytes, done) => {
        this.#ask(isAlive, done, 1, () => {
          if (blobs.has(name)) this.#trace.line("store", `${name} is put again`);
          blobs.set(name, bytes);
          return undefined;
        });
      },
      get: (name, done) =>
        this.#ask(isAlive, done, 2, () => {
          const bytes = blobs.get(name);
          if (bytes === undefined) throw missing(name);
          return bytes;
        }),
      remove: (name, done) =>
        this.#ask(isAlive, done, 3, () => {
          blobs.delete(name);
          return undefined;
        }),
      list: (prefix, done) =>
        this.#ask(isAlive, done, 4, () => [...blobs.keys()].filter((name) => name.startsWith(prefix)).sort()),
    };
  }

  #ask<Value>(isAlive: () => boolean, done: Answer<Value>, kind: number, doIt: () => Value): void {
    const random = this.#random;
    const { errorRatio, errorsUntilMs } = this.#faults;
    const isError = random.chance(errorRatio) && this.#queue.nowMs < errorsUntilMs;
    const isDone = !isError || random.chance(0.5);
    const doneAfterMs = random.delayMs(this.#faults.meanDelayMs);
    const answerAfterMs = doneAfterMs + random.delayMs(this.#faults.meanDelayMs);
    let outcome: { value: Value } | { error: Error } | undefined;
    // A crash in the middle loses the request or not; the latter half are done before anybody can be back.
    const survivesCrash = random.chance(0.5);
    this.#queue.after(doneAfterMs, () => {
      if (!(isAlive() || survivesCrash)) return;
      if (this.isDown || !isDone) outcome = { error: unreachable() };
      else outcome = attempt(doIt);
    });
    this.#queue.after(answerAfterMs, () => {
      if (!isAlive()) return;
      this.#trace.mark(kind, isError ? 1 : 0);
      if (outcome === undefined || isError) return done(unreachable(), undefined as Value);
      if ("error" in outcome) done(outcome.error, undefined as Value);
      else done(undefined, outcome.value);
    });
  }
}

function attempt<Value>(doIt: () => Value): { value: Value } | { error: Error } {
  try {
    return { value: doIt() };
  } catch (error) {
    return { error: error as Error };
  }
}

const unreachable = () => new EngineError("store-unreachable", "the simulated store does not answer", "wait");
