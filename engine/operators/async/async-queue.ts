/**
 * The records that an async operator waits for, in stretches between watermarks. Pure: it says what is to be asked, what
 * can go out, and how far the watermark may pass.
 */
import type { Fields, RowOf } from "../../records/schema.ts";

export type Call = {
  readonly row: RowOf<Fields>;
  readonly timeMs: number;
  readonly dueMs: number;
  /** 0 before the first. */
  attempt: number;
  state: "waiting" | "asked" | "failed" | "answered" | "gone";
  /** waiting: when to ask; asked: when to give up. */
  atMs: number;
  abort: AbortController | undefined;
  error: unknown;
  results: readonly RowOf<Fields>[] | undefined;
  stretch: Stretch;
};
export type NewCall = Pick<Call, "row" | "timeMs" | "dueMs">;

/** The records between two watermarks; it is over when `endMs` is there. */
type Stretch = { calls: Call[]; gone: number; endMs: number | undefined };

export class AsyncQueue {
  /** The watermark that has no record before it any more. */
  passedMs = Number.NEGATIVE_INFINITY;
  size = 0;
  readonly #isOrdered: boolean;
  readonly #stretches: Stretch[] = [{ calls: [], gone: 0, endMs: undefined }];
  readonly #waiting: Call[] = [];
  readonly #asked = new Set<Call>();
  readonly #failed: Call[] = [];

  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered;
  }

  add(call: NewCall): void {
    const stretch = this.#stretches.at(-1)!;
    const added: Call = {
      ...call,
      attempt: 0,
      state: "waiting",
      atMs: Number.NEGATIVE_INFINITY,
      abort: undefined,
      error: undefined,
      results: undefined,
      stretch,
    };
    stretch.calls.push(added);
    this.#waiting.push(added);
    this.size++;
  }

  watermark(watermarkMs: number): void {
    const last = this.#stretches.at(-1)!;
    if (this.#stretches.length === 1 && last.gone === last.calls.length) this.passedMs = watermarkMs;
    else if (last.calls.length === 0) this.#stretches.at(-2)!.endMs = watermarkMs;
    else {
      last.endMs = watermarkMs;
      this.#stretches.push({ calls: [], gone: 0, endMs: undefined });
    }
  }

  /** Calls to start now, so that at most `capacity` run. */
  toAsk(capacity: number, nowMs: number): Call[] {
    const starting: Call[] = [];
    let room = capacity - this.#asked.size;
    for (let at = 0; at < this.#waiting.length && room > 0; at++) {
      if (this.#waiting[at]!.atMs > nowMs) continue;
      starting.push(this.#waiting[at]!);
      room--;
    }
    if (starting.length > 0) this.#removeWaiting(new Set(starting));
    return starting;
  }

  asked(call: Call, abort: AbortController, untilMs: number): void {
    call.attempt++;
    call.state = "asked";
    call.abort = abort;
    call.atMs = untilMs;
    this.#asked.add(call);
  }

  answered(call: Call, results: readonly RowOf<Fields>[]): void {
    this.#asked.delete(call);
    call.state = "answered";
    call.results = results;
  }

  failed(call: Call): void {
    this.#asked.delete(call);
    call.state = "failed";
    this.#failed.push(call);
  }

  takeFailed(): Call[] {
    return this.#failed.splice(0);
  }

  askAgain(call: Call, atMs: number): void {
    this.#asked.delete(call);
    call.state = "waiting";
    call.atMs = atMs;
    this.#waiting.push(call);
  }

  timedOut(nowMs: number): Call[] {
    return [...this.#asked].filter((call) => call.atMs <= nowMs);
  }

  /** When something is to be given up or asked again. */
  nextMs(capacity: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const call of this.#asked) next = Math.min(next, call.atMs);
    // Those that wait for room are asked when an answer comes.
    if (this.#asked.size >= capacity) return next;
    for (const call of this.#waiting) if (call.attempt > 0) next = Math.min(next, call.atMs);
    return next;
  }

  /** What can go out, in the order in which it is to. */
  *takeAnswered(): Generator<Call> {
    for (;;) {
      const [stretch] = this.#stretches;
      const { calls } = stretch!;
      for (const call of calls.slice(this.#isOrdered ? stretch!.gone : 0)) {
        if (call.state === "answered") {
          call.state = "gone";
          stretch!.gone++;
          this.size--;
          yield call;
        } else if (this.#isOrdered) break;
      }
      if (stretch!.gone < calls.length) {
        // What is gone is let go of, so that an endless stretch does not grow.
        stretch!.calls = calls.filter(({ state }) => state !== "gone");
        stretch!.gone = 0;
        return;
      }
      stretch!.calls = [];
      stretch!.gone = 0;
      if (stretch!.endMs === undefined) return;
      this.passedMs = stretch!.endMs;
      this.#stretches.shift();
    }
  }

  /** All that are not through, in the order of their coming. */
  all(): Call[] {
    return this.#stretches.flatMap(({ calls }) => calls.filter(({ state }) => state !== "gone"));
  }

  #removeWaiting(leaving: ReadonlySet<Call>): void {
    const staying = this.#waiting.filter((call) => !leaving.has(call));
    this.#waiting.splice(0, this.#waiting.length, ...staying);
  }
}
