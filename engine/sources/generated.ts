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
import { firstNumberOf, type Load, pacingOf } from "./load.ts";
import { Pacing, type RateStep, segmentsOf } from "./pacing.ts";
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
  /** Records per second of all subtasks together; event time is then when a record is due. `by-load`: as told from outside. */
  readonly rate?: number | readonly RateStep[] | "by-load";
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
/** Of a source that has nothing to do: so often it tells that event time goes on. */
const watermarkEveryMs = 200;
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

/** What its columns are called. */
export type GeneratedNames = { readonly key: string; readonly number: string; readonly payload: string };

type GeneratedFields<Names extends GeneratedNames> = {
  readonly [Name in Names["key"]]: "int32";
} & { readonly [Name in Names["number"]]: "integer" } & { readonly [Name in Names["payload"]]: "utf8" };

const ownNames = { key: "key", number: "number", payload: "payload" } as const;

export function generatedSource<const Names extends GeneratedNames = typeof ownNames>(
  settings: GeneratedSettings,
  names?: Names,
): SourceSpec<GeneratedFields<Names>> {
  check(settings);
  const { key, number, payload } = names ?? ownNames;
  return {
    name: `generated ${settings.keys} keys`,
    schema: schema({ [key]: "int32", [number]: "integer", [payload]: "utf8" }) as unknown as Schema<
      GeneratedFields<Names>
    >,
    takesLoad: settings.rate === "by-load",
    make: (_columns, pruned, eventTime) => new GeneratedSource(settings, pruned, eventTime),
  };
}

class GeneratedSource implements Source {
  watermarkMs = Number.NEGATIVE_INFINITY;
  dueMs = Number.NaN;
  readonly #settings: GeneratedSettings & typeof defaults;
  readonly #byLoad: boolean;
  #pacing: Pacing | undefined;
  /** Event time is not before this: what was promised under another load holds under the next one. */
  #floorMs = Number.NEGATIVE_INFINITY;
  #context!: OperatorContext;
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
    this.#byLoad = rate === "by-load";
    this.#pacing = rate === undefined || rate === "by-load" ? undefined : new Pacing(segmentsOf(rate));
    // A load is by the wall clock itself.
    this.#startMs = this.#byLoad ? 0 : (startMs ?? Number.NaN);
    this.#fillKeys = keysOf(keys, skew, seed);
    const { payloadBytes: length } = this.#settings;
    const hasPayload = pruned.columns.some(({ type }) => type === "utf8");
    this.#batchRows = hasPayload ? Math.min(batchRows, Math.ceil(batchBytesMax / (length + 1))) : batchRows;
    const columns = pruned.columns.map(({ type }) => this.#column(type));
    this.#key = columns.find((column) => column instanceof Int32Array);
    this.#number = columns.find((column) => column instanceof Float64Array);
    this.#hasTimes = eventTime;
    this.#batch = new Batch(pruned, 0, columns, eventTime ? this.#times : undefined);
  }

  open(context: OperatorContext): void {
    const { state, subtask, parallelism } = context;
    this.#context = context;
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
    if (Number.isNaN(startMs)) return;
    if (this.#byLoad) this.#floorMs = startMs;
    else this.#startMs = startMs;
  }

  setLoad(load: Load): void {
    if (!this.#byLoad) return;
    const { operator = "" } = this.#context;
    this.#pacing = pacingOf(load, operator);
    this.#splits.skipTo(firstNumberOf(load, operator));
    this.#floorMs = Math.max(this.#floorMs, this.#promisedMs);
    this.#context.wake();
  }

  metrics(): Readonly<Record<string, unknown>> {
    const { lowest } = this.#splits;
    if (lowest === Number.POSITIVE_INFINITY || !this.#pacing || Number.isNaN(this.#startMs)) return {};
    const lagMs = Math.max(0, this.#context.nowMs() - this.#dueMsOf(lowest));
    return { position: lowest, lagMs };
  }

  poll(nowMs: number, rowsMax = batchRows): Polled {
    // Nothing was said yet: nobody need wait for it.
    if (this.#byLoad && !this.#pacing)
      return { is: "waiting", untilMs: Number.POSITIVE_INFINITY, idle: true };
    if (Number.isNaN(this.#startMs)) this.#startMs = nowMs;
    const before = this.#pacing?.dueBy(nowMs - this.#startMs) ?? Number.POSITIVE_INFINITY;
    const earliest = this.#splits.lowest;
    let rows = 0;
    const rowsWanted = Math.min(rowsMax, this.#batchRows);
    while (rows < rowsWanted) {
      const range = this.#splits.take(rowsWanted - rows, before);
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
    this.#list.replace(this.#splits.encode(this.#byLoad ? this.#promisedMs : this.#startMs));
  }

  /** What comes is due no earlier, by the watermark that was told. */
  get #promisedMs(): number {
    return this.watermarkMs + this.#settings.outOfOrderMs;
  }

  #nothing(nowMs: number): Polled {
    const { lowest } = this.#splits;
    if (lowest === Number.POSITIVE_INFINITY) return { is: "end" };
    // A millisecond at least: what is due meanwhile comes as one batch instead of as many small ones.
    const dueMs = this.#dueMsOf(lowest);
    const untilMs = Math.max(nowMs + 1, this.#byLoad ? Math.min(dueMs, nowMs + watermarkEveryMs) : dueMs);
    return { is: "waiting", untilMs, idle: false };
  }

  #fill(row: number, first: number, count: number): void {
    if (this.#key) this.#fillKeys(this.#key, row, first, count);
    if (this.#number) fillNumbers(this.#number, row, first, count);
    if (!this.#hasTimes) return;
    const { recordsPerSecond, outOfOrderMs, seed } = this.#settings;
    if (this.#pacing) {
      for (let at = 0; at < count; at++)
        this.#times[row + at] = Math.max(this.#floorMs, Math.floor(this.#dueMsOf(first + at)));
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
      const watermarkMs = Math.max(this.#floorMs, Math.floor(this.dueMs)) - outOfOrderMs;
      this.watermarkMs = Math.max(this.watermarkMs, watermarkMs);
    } else {
      this.watermarkMs = Math.floor(lowest / (recordsPerSecond / 1000)) - outOfOrderMs;
    }
  }

  #dueMsOf(number: number): number {
    return this.#startMs + this.#pacing!.dueAfterMs(number);
  }

  /** Each is of a type of its own, whatever it is called. */
  #column(type: string): Column {
    if (type === "int32") return new Int32Array(batchRows);
    if (type === "integer") return new Float64Array(batchRows);
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
