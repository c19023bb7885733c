/** Pairs of records on their way out of a join: noted as row numbers, and written column by column when there are many. */
import { type Batch, type BytesColumn, batchRows, type Column } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { cursorOf } from "../records/cursor.ts";
import { columnIndex } from "../records/schema.ts";
import { specialise } from "../records/specialise.ts";
import { findColumn } from "../state/keyed-table.ts";
import type { MultiTable } from "../state/multi-table.ts";
import { atEachRow } from "./aggregates/cells.ts";
import { type EmitterEnd, emitterOf } from "./emitter.ts";
import type { OperatorContext, Steps } from "./operator.ts";
import { RowsPerTurn } from "./rows-per-turn.ts";
import { type JoinWindow, type WindowJoinConfig, windowJoinOutput } from "./window-join-config.ts";

type Write = (left: Batch, right: Batch, count: number, window: JoinWindow) => void;

export class WindowJoinPairs {
  readonly #context: OperatorContext;
  readonly #builder: BatchBuilder;
  readonly #write: Write;
  /** Where a person's function puts rows; undefined where columns are put side by side. */
  readonly #emitter: EmitterEnd | undefined;
  readonly #leftRows = new Int32Array(batchRows);
  readonly #rightRows = new Int32Array(batchRows);
  readonly #pair = specialise(pairLoop);
  #found = new Int32Array(0);
  readonly #oneFound = new Int32Array(1);
  readonly #perTurn = new RowsPerTurn();

  constructor(config: WindowJoinConfig, context: OperatorContext) {
    this.#context = context;
    this.#builder = new BatchBuilder(windowJoinOutput(config));
    this.#emitter =
      config.result.is === "function" ? emitterOf(this.#builder.schema, context.out) : undefined;
    this.#write = writerOf(config, this.#builder, this.#emitter, this.#leftRows, this.#rightRows);
  }

  /** The pairs of one key, in whose row its records are on each side. */
  *joinKey(
    left: MultiTable,
    leftKeyRow: number,
    right: MultiTable,
    rightKeyRow: number,
    window: JoinWindow,
  ): Steps {
    this.#oneFound[0] = rightKeyRow;
    const heads = left.keys.int32[0]!.subarray(leftKeyRow, leftKeyRow + 1);
    yield* this.#pairs(left, heads, right, this.#oneFound, 1, true, window);
  }

  /** All pairs of equal keys of two tables; with `takes`, those of key groups alone for which it says so. */
  *join(
    left: MultiTable,
    right: MultiTable,
    window: JoinWindow,
    takes?: (keyGroup: number) => boolean,
  ): Steps {
    // The table with fewer keys is walked, and its keys are looked up in the other.
    const walksLeft = left.keyCount <= right.keyCount;
    for (const walked of (walksLeft ? left : right).blocks()) {
      const probed = walksLeft ? right : left;
      const { rowCount } = walked.keys;
      if (rowCount === 0) continue;
      const found = this.#find(probed, walked, rowCount);
      if (takes) {
        const { keyGroups } = walked.keys;
        for (let row = 0; row < rowCount; row++) if (!takes(keyGroups[row]!)) found[row] = -1;
      }
      yield* this.#pairs(walked, walked.keys.int32[0]!, probed, found, rowCount, walksLeft, window);
    }
  }

  /** Keys 0 to `keyRows` - 1 have their chains from `heads` on, and are in row `found` of the other table, or -1. */
  *#pairs(
    walked: MultiTable,
    heads: Int32Array,
    probed: MultiTable,
    found: Int32Array,
    keyRows: number,
    walksLeft: boolean,
    window: JoinWindow,
  ): Steps {
    const place = { keyRow: 0, row: -1, other: -1 };
    for (;;) {
      const room = Math.max(1, this.#perTurn.rows - this.#builder.rowCount);
      const count = this.#pair(
        place,
        found,
        keyRows,
        heads,
        probed.keys.int32[0]!,
        walked.next,
        probed.next,
        walksLeft ? this.#leftRows : this.#rightRows,
        walksLeft ? this.#rightRows : this.#leftRows,
        room,
      );
      if (count > 0) {
        if (walksLeft) this.#write(walked.rows, probed.rows, count, window);
        else this.#write(probed.rows, walked.rows, count, window);
      }
      if (count < room) break;
      this.emit(); // A function's rows too: they do not pile up while nobody takes them.
      yield;
    }
  }

  emit(): void {
    const startMs = this.#context.nowMs();
    this.#emitter?.flush(this.#context.watermarkDueMs);
    if (this.#builder.rowCount > 0) {
      this.#builder.dueMs = this.#context.watermarkDueMs;
      this.#context.out.emit(this.#builder.finish());
    }
    this.#perTurn.took(this.#context.nowMs() - startMs);
  }

  #find(probed: MultiTable, walked: MultiTable, rowCount: number): Int32Array {
    if (this.#found.length < rowCount)
      this.#found = new Int32Array(Math.max(rowCount, this.#found.length * 2));
    const { keys } = walked.keys;
    if (keys instanceof Float64Array) findColumn(probed.keys, keys, 0, rowCount, this.#found);
    else if (probed.keys.kind === "bytes") {
      for (let row = 0; row < rowCount; row++) {
        const start = keys.starts[row]!;
        this.#found[row] = probed.keys.find(keys.bytes, start, start + keys.lengths[row]!);
      }
    }
    return this.#found;
  }
}

/** Notes pairs until there is no room for more, and in `place` how far it came; returns how many it noted. */
function pairLoop(
  place: { keyRow: number; row: number; other: number },
  found: Int32Array,
  keyRows: number,
  heads: Int32Array,
  otherHeads: Int32Array,
  next: Int32Array,
  otherNext: Int32Array,
  rows: Int32Array,
  otherRows: Int32Array,
  room: number,
): number {
  let { keyRow, row, other } = place;
  let count = 0;
  while (count < room) {
    if (row < 0) {
      while (keyRow < keyRows && found[keyRow]! < 0) keyRow++;
      if (keyRow === keyRows) break;
      row = heads[keyRow]! - 1;
      other = otherHeads[found[keyRow]!]! - 1;
    }
    while (other >= 0 && count < room) {
      rows[count] = row;
      otherRows[count++] = other;
      other = otherNext[other]!;
    }
    if (other >= 0) break;
    row = next[row]!;
    if (row >= 0) other = otherHeads[found[keyRow]!]! - 1;
    else keyRow++;
  }
  place.keyRow = keyRow;
  place.row = row;
  place.other = other;
  return count;
}

function writerOf(
  config: WindowJoinConfig,
  builder: BatchBuilder,
  emitter: EmitterEnd | undefined,
  leftRows: Int32Array,
  rightRows: Int32Array,
): Write {
  const { result } = config;
  if (result.is === "function") {
    const left = cursorOf(config.left);
    const right = cursorOf(config.right);
    const out = emitter!;
    return (leftBatch, rightBatch, count, window) => {
      left.$bind(leftBatch);
      right.$bind(rightBatch);
      out.timeMs = window.endMs - 1;
      for (let index = 0; index < count; index++) {
        left.$row = leftRows[index]!;
        right.$row = rightRows[index]!;
        result.join(left, right, out, window);
      }
    };
  }
  const leftColumns = result.left.map(({ column }) => columnIndex(config.left, column));
  const rightColumns = result.right.map(({ column }) => columnIndex(config.right, column));
  const gathers = [...leftColumns, ...rightColumns].map(() => specialise(gatherLoop));
  return (left, right, count, window) => {
    builder.reserve(count);
    const at = builder.rowCount;
    let column = 0;
    const gather = (batch: Batch, from: number, rows: Int32Array) => {
      const source = batch.columns[from]!;
      if ("offsets" in source) {
        const to = column;
        atEachRow(builder, count, (index) => {
          builder.putBytes(
            to,
            source.bytes,
            source.offsets[rows[index]!]!,
            source.offsets[rows[index]! + 1]!,
          );
        });
      } else gathers[column]!(source, builder.columns[column] as Plain, at, rows, count);
      const valid = batch.valid[from];
      if (valid) {
        const to = column;
        atEachRow(builder, count, (index) => builder.setValid(to, valid[rows[index]!] === 1));
      } else if (builder.valid[column]) {
        const to = column;
        atEachRow(builder, count, () => builder.setValid(to, true));
      }
      column++;
    };
    for (const from of leftColumns) gather(left, from, leftRows);
    for (const from of rightColumns) gather(right, from, rightRows);
    if (result.windowStart) (builder.columns[column++] as Float64Array).fill(window.startMs, at, at + count);
    if (result.windowEnd) (builder.columns[column++] as Float64Array).fill(window.endMs, at, at + count);
    builder.times.fill(window.endMs - 1, at, at + count);
    builder.rowCount += count - 1;
    builder.endRow(window.endMs - 1);
  };
}

type Plain = Exclude<Column, BytesColumn>;

function gatherLoop(from: Plain, to: Plain, at: number, rows: Int32Array, count: number): void {
  for (let index = 0; index < count; index++) to[at + index] = from[rows[index]!]!;
}
