/**
 * What all operators with a user's function and keys do alike: stand on the rows of a batch or on the key of a timer,
 * with the state of that key at hand.
 */
import type { Batch, BytesColumn, Column } from "../../records/batch.ts";
import type { Schema } from "../../records/schema.ts";
import { decodeUtf8 } from "../../records/utf8.ts";
import type { KeyType } from "../../state/operator-state.ts";
import type { TimerQueue, Timers } from "../../state/timer-queue.ts";
import type { OperatorContext, Steps } from "../operator.ts";
import { FunctionOutputs, type SideSchemas } from "./function-outputs.ts";
import type { Key, KeyedContext, TimerFunction, TimerService } from "./functions.ts";
import { KeyPosition } from "./keyed-handle.ts";
import { type KeyedStates, keyedStates } from "./keyed-states.ts";
import type { StateSpecs } from "./state-specs.ts";
import { timerService } from "./timer-service.ts";

export type KeyedWorkSettings = {
  readonly key: KeyType;
  readonly output: Schema;
  readonly sides?: SideSchemas | undefined;
  readonly function: TimerFunction<Key, never, StateSpecs> & { readonly state?: StateSpecs };
};

/** So many timers fire before what they put out is handed on. */
const timersAtOnce = 1024;
const timersName = "(timers)";

export class KeyedWork {
  readonly at = new KeyPosition();
  readonly outputs: FunctionOutputs;
  readonly context: KeyedContext<Key, StateSpecs>;
  readonly #settings: KeyedWorkSettings;
  readonly #operator: OperatorContext;
  readonly #states: KeyedStates;
  readonly #timers: TimerQueue | undefined;
  /** One cell, for the key of a timer. */
  #cell: Column;

  constructor(settings: KeyedWorkSettings, operator: OperatorContext) {
    const { key, output, sides = {} } = settings;
    this.#settings = settings;
    this.#operator = operator;
    this.outputs = new FunctionOutputs(output, sides, operator);
    this.#states = keyedStates(settings.function.state ?? {}, key, this.at, operator);
    this.#timers = settings.function.onTimer && operator.state.timers(timersName, key);
    this.#cell = cellFor(key);
    this.context = contextOf(this, key, operator, this.#states, timerService(this.#timers, this.at));
  }

  /** The rows of a batch are to be worked on. */
  begin(batch: Batch, keyColumn: number): void {
    this.outputs.begin(batch.dueMs);
    this.#stand(batch.columns[keyColumn]!, batch.rowCount);
  }

  end(): void {
    for (const handle of this.#states.handles) handle.end();
    this.outputs.end();
  }

  onWatermark(watermarkMs: number): Steps | undefined {
    // A record of the watermark's own time may still come. At the end all fire, but for none that never would.
    const untilMs = Math.min(watermarkMs - 1, Number.MAX_SAFE_INTEGER);
    return this.#timers && this.#timers.event.nextMs <= untilMs ? this.#fireAll(untilMs) : undefined;
  }

  nextWakeMs(): number {
    return this.#timers?.processing.nextMs ?? Number.POSITIVE_INFINITY;
  }

  onWake(nowMs: number): void {
    if (!this.#timers || this.#timers.processing.nextMs > nowMs) return;
    this.outputs.begin(Number.NaN);
    while (this.#timers.processing.pop(nowMs)) this.#fire(this.#timers.processing, "processing");
    this.outputs.end();
  }

  *#fireAll(untilMs: number): Steps {
    const { event } = this.#timers!;
    while (event.nextMs <= untilMs) {
      this.outputs.begin(this.#operator.watermarkDueMs);
      for (let fired = 0; fired < timersAtOnce && event.pop(untilMs); fired++) this.#fire(event, "event");
      this.outputs.end();
      yield;
    }
  }

  #fire(timers: Timers, of: "event" | "processing"): void {
    const { timeMs } = timers;
    if ("offsets" in this.#cell) {
      this.#cell = { bytes: timers.keyBytes, offsets: Int32Array.of(0, timers.keyBytes.length) };
    } else this.#cell[0] = timers.key;
    this.#stand(this.#cell, 1);
    this.at.row = 0;
    this.outputs.main.timeMs = timeMs;
    this.#settings.function.onTimer!(timeMs, this.context, this.outputs.main, of);
    for (const handle of this.#states.handles) handle.end();
  }

  #stand(column: Column, rows: number): void {
    this.at.column = column;
    this.at.nowMs = this.#operator.nowMs();
    for (const handle of this.#states.handles) handle.begin(rows);
  }
}

function cellFor(key: KeyType): Column {
  if (key === "utf8" || key === "bytes") return { bytes: new Uint8Array(0), offsets: new Int32Array(2) };
  return key === "int32" ? new Int32Array(1) : new Float64Array(1);
}

function contextOf(
  { at, outputs }: KeyedWork,
  key: KeyType,
  operator: OperatorContext,
  { views }: KeyedStates,
  timers: TimerService,
): KeyedContext<Key, StateSpecs> {
  const readKey =
    key === "utf8" || key === "bytes"
      ? () => textOrBytes(at, key)
      : () => (at.column as Float64Array | Int32Array)[at.row]!;
  return {
    get key() {
      return readKey();
    },
    get timeMs() {
      return outputs.main.timeMs;
    },
    get watermarkMs() {
      return operator.watermarkMs;
    },
    get nowMs() {
      return at.nowMs;
    },
    state: views as never,
    timers,
    side: (name) => outputs.side(name),
  };
}

function textOrBytes({ column, row }: KeyPosition, key: "utf8" | "bytes"): string | Uint8Array {
  const { bytes, offsets } = column as BytesColumn;
  const start = offsets[row]!;
  const end = offsets[row + 1]!;
  return key === "utf8" ? decodeUtf8(bytes, start, end) : bytes.slice(start, end);
}
