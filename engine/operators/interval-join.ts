/**
 * Joins records of two inputs that have the same key and lie close in event time: left + lower <= right <= left + upper.
 * A pair goes out when its second record comes; records are kept by slices of time until the watermark says that no
 * partner can come any more.
 */
import { EngineError } from "../engine-error.ts";
import type { Batch } from "../records/batch.ts";
import { columnIndex, type Fields, type Schema, schema } from "../records/schema.ts";
import { keyGroupsOfColumn } from "../state/key-groups.ts";
import { findColumn, rowsForColumn } from "../state/keyed-table.ts";
import type { MultiTable } from "../state/multi-table.ts";
import type { KeyType } from "../state/operator-state.ts";
import type { Slices } from "../state/slices.ts";
import { sameKeyType } from "./connect.ts";
import { IntervalPairs } from "./interval-pairs.ts";
import type { Operator, OperatorContext, Output } from "./operator.ts";
import { SeenWatermark } from "./seen-watermark.ts";

type Taken = readonly { readonly column: string; readonly as: string }[];
export type IntervalJoinConfig = {
  readonly left: Schema;
  readonly right: Schema;
  readonly leftKey: string;
  readonly rightKey: string;
  readonly lowerMs: number;
  readonly upperMs: number;
  /** The columns of a result, whose event time is the later one of its two records. */
  readonly result: { readonly left: Taken; readonly right: Taken };
  /** Records older than the watermark go to the side outputs "late-left" and "late-right"; else they are dropped and counted. */
  readonly late?: boolean;
};

export function intervalJoinOutput({ left, right, result }: IntervalJoinConfig): Schema {
  const fields = (input: Schema, taken: Taken) =>
    taken.map(
      ({ column, as }) => [as, input.fields[input.columns[columnIndex(input, column)]!.name]!] as const,
    );
  return schema(Object.fromEntries([...fields(left, result.left), ...fields(right, result.right)]) as Fields);
}

const noTimes = new Float64Array(0);

/** Below this, there would be many tables of few records. */
const leastSliceMs = 1000;

type Side = {
  readonly name: "left" | "right";
  readonly keyColumn: number;
  readonly slices: Slices<MultiTable>;
  /** A partner's time lies between its own plus these. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly late: Output | undefined;
};

export const intervalJoin = (config: IntervalJoinConfig): Operator => new IntervalJoin(config);

class IntervalJoin implements Operator {
  readonly #config: IntervalJoinConfig;
  readonly #key: KeyType;
  readonly #sliceMs: number;
  #sides!: readonly [Side, Side];
  #pairs!: IntervalPairs;
  #seen!: SeenWatermark;
  #maxParallelism = 0;
  #lateRecords = 0;
  #found = new Int32Array(0);
  #keyGroups = new Uint16Array(0);

  constructor(config: IntervalJoinConfig) {
    const { lowerMs, upperMs, left, right, leftKey, rightKey } = config;
    if (!(lowerMs <= upperMs)) throw new RangeError(`an interval from ${lowerMs} to ${upperMs} ms is none`);
    this.#config = config;
    this.#key = sameKeyType([left, right], [leftKey, rightKey]);
    this.#sliceMs = Math.max(leastSliceMs, Math.ceil(upperMs - lowerMs));
  }

  open(context: OperatorContext): void {
    const { left, right, leftKey, rightKey, lowerMs, upperMs, late } = this.#config;
    const meaning = `joined from ${lowerMs} to ${upperMs} ms`;
    const side = (
      name: "left" | "right",
      input: Schema,
      key: string,
      fromMs: number,
      toMs: number,
    ): Side => ({
      name,
      keyColumn: columnIndex(input, key),
      slices: context.state.multiSlices(name, this.#key, input, meaning),
      fromMs,
      toMs,
      late: late ? context.side(`late-${name}`) : undefined,
    });
    this.#sides = [
      side("left", left, leftKey, lowerMs, upperMs),
      side("right", right, rightKey, -upperMs, -lowerMs),
    ];
    this.#seen = new SeenWatermark(context);
    this.#pairs = new IntervalPairs(this.#config, intervalJoinOutput(this.#config), context.out);
    this.#maxParallelism = context.maxParallelism;
  }

  onBatch(batch: Batch, input: number): void {
    const own = this.#sides[input]!;
    const other = this.#sides[1 - input]!;
    if (this.#found.length < batch.rowCount) this.#found = new Int32Array(batch.rowCount * 2);
    if (batch.rowCount === 0) return;
    const times = batch.times ?? noTimes;
    const isLate = this.#latenessOf(batch, own.keyColumn, times);
    // Runs of rows that belong to one slice and are not late.
    for (let from = 0, to = 0; from < batch.rowCount; from = to) {
      to = from + 1;
      if (isLate(from)) {
        this.#late(own, batch, from);
        continue;
      }
      const start = this.#sliceOf(times[from] ?? Number.NaN);
      if (Number.isNaN(start)) throw withoutTime();
      while (to < batch.rowCount && this.#sliceOf(times[to]!) === start && !isLate(to)) to++;
      this.#probe(own, other, batch, from, to, start);
      this.#keep(own, batch, from, to, start);
    }
    this.#pairs.flush(batch.dueMs);
  }

  onWatermark(watermarkMs: number): undefined {
    this.#seen.rise(watermarkMs);
    for (const { slices, toMs } of this.#sides) {
      for (const start of slices.starts()) {
        // Its last record's last partner is older than all that come.
        if (start + this.#sliceMs + toMs <= watermarkMs) slices.drop(start);
      }
    }
  }

  onBarrier(): void {
    this.#seen.save();
  }

  metrics(): Readonly<Record<string, unknown>> {
    return { lateRecords: this.#lateRecords };
  }

  /** Finds partners of rows that lie in one slice. */
  #probe(own: Side, other: Side, batch: Batch, from: number, to: number, start: number): void {
    const firstMs = start + own.fromMs;
    const lastMs = start + this.#sliceMs + own.toMs;
    for (const slice of other.slices.starts()) {
      if (slice + this.#sliceMs <= firstMs || slice > lastMs) continue;
      const table = other.slices.find(slice)!;
      findColumn(table.keys, batch.columns[own.keyColumn]!, from, to, this.#found);
      for (let row = from; row < to; row++) {
        if (this.#found[row]! >= 0) this.#pairs.match(own, batch, row, table, this.#found[row]!);
      }
      this.#pairs.write(own.name, batch, table);
    }
  }

  #keep(own: Side, batch: Batch, from: number, to: number, start: number): void {
    // What no partner can come for any more, because the other input is ahead, is not kept.
    if (start + this.#sliceMs + own.toMs <= this.#seen.watermarkMs) return;
    const table = own.slices.at(start);
    rowsForColumn(table.keys, batch.columns[own.keyColumn]!, from, to, this.#found);
    table.append(this.#found, batch, from, to);
  }

  #sliceOf(timeMs: number): number {
    return Math.floor(timeMs / this.#sliceMs) * this.#sliceMs;
  }

  #latenessOf(batch: Batch, keyColumn: number, times: Float64Array): (row: number) => boolean {
    const seen = this.#seen;
    const { watermarkMs } = seen;
    if (!seen.isUneven) return (row) => times[row]! < watermarkMs;
    if (this.#keyGroups.length < batch.rowCount) this.#keyGroups = new Uint16Array(batch.rowCount * 2);
    const groups = this.#keyGroups;
    keyGroupsOfColumn(this.#key, batch.columns[keyColumn]!, batch.rowCount, this.#maxParallelism, groups);
    return (row) => times[row]! < seen.of(groups[row]!);
  }

  #late(own: Side, batch: Batch, row: number): void {
    this.#lateRecords++;
    own.late?.emit(this.#pairs.single(own.name, batch, row));
  }
}

function withoutTime(): EngineError {
  return new EngineError(
    "no-event-time",
    "an interval join got records without event time",
    "give both streams timestamps and watermarks before the join",
    2,
  );
}
