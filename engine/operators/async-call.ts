/**
 * Asks something outside for each record: in the order of records, or as answers come but never across a watermark.
 * Records without an answer are part of a checkpoint and are asked for again after a restore.
 */
import { EngineError } from "../engine-error.ts";
import type { Batch } from "../records/batch.ts";
import { type Cursor, cursorOf } from "../records/cursor.ts";
import type { Fields, RowOf, Schema } from "../records/schema.ts";
import type { OperatorList } from "../state/operator-list.ts";
import { schemaText } from "../state/state-descriptor.ts";
import { AsyncQueue, type Call } from "./async/async-queue.ts";
import { savedCall, savedCalls } from "./async/saved-calls.ts";
import { type EmitterEnd, emitterOf } from "./emitter.ts";
import type { Operator, OperatorContext } from "./operator.ts";
import { elementReader } from "./process/elements.ts";

export type AsyncCallSettings<In extends Fields = Fields, Out extends Fields = Fields> = {
  readonly input: Schema<In>;
  readonly output: Schema<Out>;
  /** Any number of results. `signal` is aborted when the time for an answer is over. */
  readonly call: (
    row: RowOf<In>,
    ask: { attempt: number; signal: AbortSignal },
  ) => Promise<readonly RowOf<Out>[]>;
  readonly ordered: boolean;
  /** Most calls at the same time; input waits when so many records are here. */
  readonly capacity: number;
  /** For one attempt. */
  readonly timeoutMs: number;
  /** Further attempts, and the pause before each. */
  readonly retry?: { readonly attempts: number; readonly delayMs: number };
  /** When the last attempt has failed: fail the job (and begin again from its checkpoint), or go on without results. */
  readonly onFailure?: "fail" | "drop";
};

export const asyncCall = (settings: AsyncCallSettings): Operator => new AsyncCall(settings);

class AsyncCall implements Operator {
  readonly #settings: AsyncCallSettings;
  readonly #queue: AsyncQueue;
  readonly #cursor: Cursor;
  readonly #read: (row: object) => unknown;
  #context!: OperatorContext;
  #emitter!: EmitterEnd;
  #list!: OperatorList;
  #failed = 0;
  #isClosed = false;

  constructor(settings: AsyncCallSettings) {
    const { capacity, timeoutMs } = settings;
    if (!(Number.isInteger(capacity) && capacity >= 1 && timeoutMs > 0)) {
      throw new EngineError(
        "bad-async-call",
        `async call with capacity ${capacity} and timeout ${timeoutMs} ms`,
        "a capacity of at least 1 and a timeout of more than 0 ms",
        2,
      );
    }
    this.#settings = settings;
    this.#queue = new AsyncQueue(settings.ordered);
    this.#cursor = cursorOf(settings.input);
    this.#read = elementReader(settings.input.fields);
  }

  open(context: OperatorContext): void {
    this.#context = context;
    this.#emitter = emitterOf(this.#settings.output, context.out);
    this.#list = context.state.list("unanswered", "split", schemaText(this.#settings.input));
    for (const saved of this.#list.entries) {
      this.#queue.add(savedCall(this.#settings.input, saved));
    }
    // They are asked for when the job runs, not while it is still put together.
    if (this.#queue.size > 0) context.wake();
  }

  onBatch(batch: Batch): void {
    const cursor = this.#cursor;
    cursor.$bind(batch);
    for (let row = 0; row < batch.rowCount; row++) {
      cursor.$row = row;
      const copied = this.#read(cursor) as RowOf<Fields>;
      this.#queue.add({ row: copied, timeMs: cursor.$time, dueMs: batch.dueMs });
    }
    this.#ask();
  }

  onWatermark(watermarkMs: number): undefined {
    this.#queue.watermark(watermarkMs);
  }

  outputWatermarkMs(): number {
    return this.#queue.passedMs;
  }

  isFull(): boolean {
    return this.#queue.size >= this.#settings.capacity;
  }

  isBusy(): boolean {
    return this.#queue.size > 0;
  }

  nextWakeMs(): number {
    return this.#queue.nextMs(this.#settings.capacity);
  }

  onWake(nowMs: number): void {
    for (const call of this.#queue.timedOut(nowMs)) {
      call.abort?.abort();
      this.#fail(call, new Error(`no answer within ${this.#settings.timeoutMs} ms`), nowMs);
    }
    this.#emit();
    this.#ask();
  }

  onBarrier(): void {
    this.#list.replace(savedCalls(this.#settings.input, this.#queue.all()));
  }

  metrics(): Readonly<Record<string, unknown>> {
    return { unanswered: this.#queue.size, failedCalls: this.#failed };
  }

  close(): void {
    this.#isClosed = true;
    for (const call of this.#queue.all()) call.abort?.abort();
  }

  /** Starts as many calls as there may be. */
  #ask(): void {
    const nowMs = this.#context.nowMs();
    for (const call of this.#queue.toAsk(this.#settings.capacity, nowMs)) {
      const abort = new AbortController();
      this.#queue.asked(call, abort, nowMs + this.#settings.timeoutMs);
      // An answer to an attempt that was given up comes too late.
      const isStale = () => this.#isClosed || call.abort !== abort;
      askFor(this.#settings, call.row, call.attempt, abort.signal).then(
        (results) => {
          if (isStale()) return;
          this.#queue.answered(call, results);
          this.#context.wake();
        },
        (error: unknown) => {
          if (isStale()) return;
          call.error = error;
          this.#queue.failed(call);
          this.#context.wake();
        },
      );
    }
  }

  #emit(): void {
    for (const call of this.#queue.takeFailed()) this.#fail(call, call.error, this.#context.nowMs());
    this.#emitter.dueMs = Number.NaN;
    for (const call of this.#queue.takeAnswered()) {
      if (!(call.dueMs >= this.#emitter.dueMs)) this.#emitter.dueMs = call.dueMs;
      this.#emitter.timeMs = call.timeMs;
      for (const result of call.results!) this.#emitter.emit(result);
    }
    this.#emitter.flush();
  }

  #fail(call: Call, error: unknown, nowMs: number): void {
    const { retry = { attempts: 0, delayMs: 0 }, onFailure = "fail", capacity } = this.#settings;
    this.#failed++;
    call.abort = undefined;
    if (call.attempt <= retry.attempts) {
      this.#queue.askAgain(call, nowMs + retry.delayMs);
      return;
    }
    if (onFailure === "drop") {
      this.#queue.answered(call, []);
      return;
    }
    const what = error instanceof Error ? error.message : String(error);
    throw new EngineError(
      "async-call-failed",
      `an async call failed ${call.attempt} times, at last with: ${what}`,
      `see to what it asks, allow more retries or fewer calls at once (now ${capacity}), or set onFailure: "drop"`,
      1,
      { cause: error },
    );
  }
}

/** What throws at once has failed like what rejects later. */
async function askFor(
  { call }: AsyncCallSettings,
  row: RowOf<Fields>,
  attempt: number,
  signal: AbortSignal,
): Promise<readonly RowOf<Fields>[]> {
  return call(row, { attempt, signal });
}
