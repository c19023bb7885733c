/**
 * Records of a key, a number and a payload, made from their number alone: the source of the built-in `map` and
 * `windowed-join` jobs. A rate paces it by the clock; without one it makes records as fast as they are taken.
 */
import type { SourceSpec } from "../dataflow/source-spec.ts";
import { EngineError } from "../engine-error.ts";
import type { OperatorContext } from "../operators/operator.ts";
import { Batch, batchRows, type Column } from "../records/batch.ts";
import { type Schema, schema } from "../records/schema.ts";
import type { OperatorList } from "../state/operator-list.ts";
import {
  disorder,
  type FillKeys,
  fillNumbers,
  fillSteadyTimes,
  keysOf,
  payloadBytes,
} from "./generated-columns.ts";
import { Pacing, type RateStep } from "./pacing.ts";
import type { Polled, Source } from "./source.ts";
import { Splits } from "./splits.ts";

export const generatedSchema = schema({ key: "int32", number: "integer", payload: "utf8" });

export type GeneratedSettings = {
  readonly keys: number;
  /** The exponent of Zipf's law; 0 for keys that are all alike. */
  readonly skew?: number;
  readonly payloadBytes?: number;
  /** So many records; without end where left out. */
  readonly count?: number;
  /** Records per second of all subtasks together; event time is then when a record is due. */
  readonly rate?: number | readonly RateStep[];
  /** When a paced source starts; where left out, at the first poll. */
  readonly startMs?: number;
  /** Event time of a source that is not paced: so many records are in one second. */
  readonly recordsPerSecond?: number;
  /** Records are older by up to so much than their place says. */
  readonly outOfOrderMs?: number;
  /** Fixed for the life of the job; the most subtasks that have something to do. */
  readonly splits?: number;
  readonly seed?: number;
};

/** Small, so that a slow rate is spread evenly over subtasks; in a run of fewer numbers, calls would cost more than records. */
const blockRows = 64;
/** What waits for a slow consumer is whole batches, so large payloads come in small ones. */
const batchBytesMax = 2 ** 20;
const defaults = {
  skew: 0,
  payloadBytes: 0,
  recordsPerSecond: 10_000,
  outOfOrderMs: 0,
  splits: 128,
  seed: 1,
};

export function generatedSource(settings: GeneratedSettings): SourceSpec<typeof generatedSchema.fields> {
  check(settings);
  return {
    name: `generated ${settings.keys} keys`,
    schema: generatedSchema,
    make: (_columns, pruned, eventTime) => new GeneratedSource(settings, pruned, eventTime),
  };
}

class GeneratedSource implements Source {
  watermarkMs = Number.NEGATIVE_INFINITY;
  dueMs = Number.NaN;
  readonly #settings: GeneratedSettings & typeof defaults;
  readonly #pacing: Pacing | undefined;
  readonly #batch: Batch;
  readonly #batchRows: number;
  readonly #key: Int32Array | undefined;
  readonly #number: Float64Array | undefined;
  readonly #times = new Float64Array(batchRows);
  readonly #fillKeys: FillKeys;
  readonly #hasTimes: boolean;
  #splits!: Splits;
  #list!: OperatorList;
  #startMs: number;

  constructor(settings: GeneratedSettings, pruned: Schema, eventTime: boolean) {
    this.#settings = { ...defaults, ...settings };
    const { rate, keys, skew, seed, startMs } = this.#settings;
    this.#pacing = rate === undefined ? undefined : new Pacing(rate);
    this.#startMs = startMs ?? Number.NaN;
    this.#fillKeys = keysOf(keys, skew, seed);
    const { payloadBytes: length } = this.#settings;
    const hasPayload = pruned.columns.some(({ name }) => name === "payload");
    this.#batchRows = hasPayload ? Math.min(batchRows, Math.ceil(batchBytesMax / (length + 1))) : batchRows;
    const columns = pruned.columns.map(({ name }) => this.#column(name));
    this.#key = columns.find((column) => column instanceof Int32Array);
    this.#number = columns.find((column) => column instanceof Float64Array);
    this.#hasTimes = eventTime;
    this.#batch = new Batch(pruned, 0, columns, eventTime ? this.#times : undefined);
  }

  open({ state, subtask, parallelism }: OperatorContext): void {
    const { splits, count } = this.#settings;
    this.#splits = new Splits({
      splits,
      blockRows,
      end: count ?? Number.POSITIVE_INFINITY,
      subtask,
      parallelism,
    });
    this.#list = state.list("positions", "union");
    const startMs = this.#splits.restore(this.#list.entries);
    if (!Number.isNaN(startMs)) this.#startMs = startMs;
  }

  poll(nowMs: number): Polled {
    if (Number.isNaN(this.#startMs)) this.#startMs = nowMs;
    const before = this.#pacing?.dueBy(nowMs - this.#startMs) ?? Number.POSITIVE_INFINITY;
    const earliest = this.#splits.lowest;
    let rows = 0;
    while (rows < this.#batchRows) {
      const range = this.#splits.take(this.#batchRows - rows, before);
      if (range === undefined) break;
      this.#fill(rows, range.first, range.count);
      rows += range.count;
    }
    this.#raiseWatermark(nowMs);
    if (rows === 0) return this.#nothing(nowMs);
    this.#batch.rowCount = rows;
    if (this.#pacing) this.#batch.dueMs = this.#startMs + this.#pacing.dueAfterMs(earliest);
    return { is: "batch", batch: this.#batch };
  }

  onBarrier(): void {
    this.#list.replace(this.#splits.encode(this.#startMs));
  }

  #nothing(nowMs: number): Polled {
    const { lowest } = this.#splits;
    if (lowest === Number.POSITIVE_INFINITY) return { is: "end" };
    // A millisecond at least: what is due meanwhile comes as one batch instead of as many small ones.
    return { is: "waiting", untilMs: Math.max(nowMs + 1, this.#dueMsOf(lowest)), idle: false };
  }

  #fill(row: number, first: number, count: number): void {
    if (this.#key) this.#fillKeys(this.#key, row, first, count);
    if (this.#number) fillNumbers(this.#number, row, first, count);
    if (!this.#hasTimes) return;
    const { recordsPerSecond, outOfOrderMs, seed } = this.#settings;
    if (this.#pacing) {
      for (let at = 0; at < count; at++) this.#times[row + at] = Math.floor(this.#dueMsOf(first + at));
    } else {
      fillSteadyTimes(this.#times, row, first, count, recordsPerSecond / 1000);
    }
    if (outOfOrderMs > 0) disorder(this.#times, row, first, count, outOfOrderMs, seed);
  }

  #raiseWatermark(nowMs: number): void {
    const { lowest } = this.#splits;
    if (lowest === Number.POSITIVE_INFINITY) return; // The end raises it for good.
    const { recordsPerSecond, outOfOrderMs } = this.#settings;
    if (this.#pacing) {
      // Not into the future, though no record is due before: what it sets off would be earlier than it is due.
      this.dueMs = Math.max(this.#startMs, Math.min(this.#dueMsOf(lowest), nowMs));
      this.watermarkMs = Math.max(this.watermarkMs, Math.floor(this.dueMs) - outOfOrderMs);
    } else {
      this.watermarkMs = Math.floor(lowest / (recordsPerSecond / 1000)) - outOfOrderMs;
    }
  }

  #dueMsOf(number: number): number {
    return this.#startMs + this.#pacing!.dueAfterMs(number);
  }

  #column(name: string): Column {
    if (name === "key") return new Int32Array(batchRows);
    if (name === "number") return new Float64Array(batchRows);
    const { payloadBytes: length, seed } = this.#settings;
    const payload = payloadBytes(length, seed);
    const rows = this.#batchRows;
    const bytes = new Uint8Array(length * rows);
    for (let row = 0; row < rows; row++) bytes.set(payload, row * length);
    return { offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * length), bytes };
  }
}

/** In the order of the settings, what must hold. */
function check(settings: GeneratedSettings): void {
  const { keys, skew = 0, payloadBytes: payload = 0, count = 0, splits = 1, outOfOrderMs = 0 } = settings;
  const { recordsPerSecond = 1 } = settings;
  const rules: [string, number, boolean, string][] = [
    [
      "keys",
      keys,
      Number.isInteger(keys) && keys >= 1 && keys < 2 ** 31,
      "a whole number from 1 to 2^31 - 1",
    ],
    ["skew", skew, skew >= 0 && skew <= 10, "an exponent from 0 (none) to 10"],
    ["payloadBytes", payload, Number.isInteger(payload) && payload >= 0 && payload <= 2 ** 18, "0 to 262144"],
    ["count", count, Number.isSafeInteger(count) && count >= 0, "a whole number"],
    ["splits", splits, Number.isInteger(splits) && splits >= 1 && splits <= 2 ** 15, "1 to 32768"],
    ["outOfOrderMs", outOfOrderMs, Number.isInteger(outOfOrderMs) && outOfOrderMs >= 0, "whole milliseconds"],
    ["recordsPerSecond", recordsPerSecond, recordsPerSecond > 0, "more than 0"],
  ];
  const broken = rules.find(([, , holds]) => !holds);
  if (broken === undefined) return;
  const [name, value, , right] = broken;
  throw new EngineError("bad-source-setting", `generated source: ${name} is ${value}`, right, 2);
}
