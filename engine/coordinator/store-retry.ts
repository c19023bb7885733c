/** Asks a store again when it fails, a bounded number of times with growing pauses. Stores restart; jobs outlive that. */
import { EngineError } from "../engine-error.ts";

type Asked<Value> = (answer: (error: Error | undefined, value: Value) => void) => void;
type Waiting = { readonly atMs: number; readonly again: () => void };

export type StoreRetrySettings = {
  readonly tries: number;
  readonly initialMs: number;
  readonly maxMs: number;
};

/** What no second try mends. */
const lasting = ["blob-missing", "blob-corrupt", "store-credentials"];

export const defaultStoreRetry: StoreRetrySettings = { tries: 8, initialMs: 50, maxMs: 5000 };

export class StoreRetry {
  readonly #settings: StoreRetrySettings;
  readonly #nowMs: () => number;
  readonly #onTrouble: (doing: string, error: Error) => void;
  #waiting: Waiting[] = [];

  constructor(
    settings: StoreRetrySettings,
    nowMs: () => number,
    onTrouble: (doing: string, error: Error) => void,
  ) {
    this.#settings = settings;
    this.#nowMs = nowMs;
    this.#onTrouble = onTrouble;
  }

  /** `done` gets the last error when all tries have failed. What is asked must do no harm when it is done twice. */
  run<Value>(doing: string, ask: Asked<Value>, done: (error: Error | undefined, value: Value) => void): void {
    const { tries, initialMs, maxMs } = this.#settings;
    let tried = 0;
    const attempt = () =>
      ask((error, value) => {
        tried++;
        if (error === undefined) return done(undefined, value);
        this.#onTrouble(doing, error);
        if (tried >= tries || (error instanceof EngineError && lasting.includes(error.code)))
          return done(error, value);
        const pauseMs = Math.min(maxMs, initialMs * 2 ** (tried - 1));
        this.#waiting.push({ atMs: this.#nowMs() + pauseMs, again: attempt });
      });
    attempt();
  }

  nextWakeMs(): number {
    let nextMs = Infinity;
    for (const { atMs } of this.#waiting) nextMs = Math.min(nextMs, atMs);
    return nextMs;
  }

  onTime(nowMs: number): void {
    if (this.nextWakeMs() > nowMs) return;
    const due = this.#waiting.filter(({ atMs }) => atMs <= nowMs);
    this.#waiting = this.#waiting.filter(({ atMs }) => atMs > nowMs);
    for (const { again } of due) again();
  }
}
