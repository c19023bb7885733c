/**
 * The rows whose value is the largest of their tumbling window, all of them where several are equal. It stands behind
 * `top-of-batch.ts`, and is keyed by the window.
 */
import { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { columnIndex, keyColumn } from "../records/schema.ts";
import type { IntegerTable } from "../state/integer-table.ts";
import type { MultiTable } from "../state/multi-table.ts";
import { windowText } from "../time/window-text.ts";
import type { Operator, OperatorContext, Steps } from "./operator.ts";
import { SeenWatermark } from "./seen-watermark.ts";
import { type TopConfig, topOfBatchOutput } from "./top-of-batch.ts";

/** `config.input` is what stands before `topOfBatch`; the results have its columns. */
export function topOfWindow(config: TopConfig): Operator {
  const { input, sizeMs } = config;
  const keyed = topOfBatchOutput(config);
  const byColumn = columnIndex(input, config.by);
  const windowColumn = columnIndex(keyed, keyColumn);
  const builder = new BatchBuilder(input);
  let context: OperatorContext;
  let best: IntegerTable;
  let rows: MultiTable;
  let seen: SeenWatermark;
  let lateRecords = 0;

  /** Starts of windows that end up to here. Those in `rows` are those in `best`, without a walk over the disk. */
  function dueBy(watermarkMs: number): number[] {
    const due: number[] = [];
    for (const { keys } of rows.blocks()) {
      const starts = (keys as IntegerTable).keys;
      for (let row = 0; row < keys.rowCount; row++) {
        if (starts[row]! + sizeMs <= watermarkMs) due.push(starts[row]!);
      }
    }
    return due.sort((one, other) => one - other);
  }

  function fire(startMs: number): void {
    const keyRow = (rows.keys as IntegerTable).find(startMs);
    const all = rows.rows;
    const held = new Batch(input, all.rowCount, all.columns.slice(0, -1), undefined, all.valid.slice(0, -1));
    builder.reserve(rows.countOf(keyRow));
    for (let row = rows.firstRow(keyRow); row >= 0; row = rows.next[row]!) {
      builder.appendRange(held, row, row + 1);
      builder.times[builder.rowCount - 1] = startMs + sizeMs - 1;
    }
    rows.dropKey(keyRow);
    best.delete(startMs);
    const batch = builder.finish();
    batch.times = builder.times;
    batch.dueMs = context.watermarkDueMs;
    context.out.emit(batch);
  }

  return {
    open(opened) {
      context = opened;
      const meaning = `largest ${config.by} in ${windowText({ is: "tumbling", sizeMs })}`;
      best = opened.state.table("best", "timestamp", { float64: 1 }, meaning) as IntegerTable;
      rows = opened.state.multiTable("rows", "timestamp", keyed, meaning);
      seen = new SeenWatermark(opened);
    },
    onBatch(batch) {
      const windows = batch.columns[windowColumn] as Float64Array;
      const values = batch.columns[byColumn] as Float64Array | Int32Array;
      for (let row = 0; row < batch.rowCount; row++) {
        const startMs = windows[row]!;
        if (startMs + sizeMs <= seen.watermarkMs) {
          lateRecords++;
          continue;
        }
        const bestRow = best.rowFor(startMs);
        const isNew = bestRow >= best.firstNew;
        const bestValues = best.float64[0]!;
        const value = values[row]!;
        if (!isNew && value < bestValues[bestRow]!) continue;
        const keys = rows.keys as IntegerTable;
        if (isNew || value > bestValues[bestRow]!) {
          const former = keys.find(startMs);
          if (former >= 0) rows.dropKey(former);
          bestValues[bestRow] = value;
        }
        rows.appendRow(keys.rowFor(startMs), batch, row);
      }
    },
    *onWatermark(watermarkMs): Steps {
      for (const startMs of dueBy(watermarkMs)) {
        fire(startMs);
        yield;
      }
      seen.rise(watermarkMs);
    },
    onBarrier() {
      seen.save();
    },
    metrics: () => ({ lateRecords }),
  };
}
