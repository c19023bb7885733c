/** The rows of a batch by the slice of time that they fall into, as ranges: columns are then gone over without a copy. */
import { EngineError } from "../engine-error.ts";
import type { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { sliceOf, type TimeWindows } from "../time/window.ts";

/** Streams come in order or nearly so, a batch has few runs. Beyond these its rows are brought into the order of slices. */
const mostRuns = 16;

export class SliceRuns {
  readonly #windows: TimeWindows;
  #reordered: BatchBuilder | undefined;
  #slices = new Float64Array(0);

  constructor(windows: TimeWindows) {
    this.#windows = windows;
  }

  /** Calls `take` with ranges of rows of one slice each; the batch is the given one or a copy in another order. */
  each(batch: Batch, take: (slice: number, batch: Batch, from: number, to: number) => void): void {
    if (batch.rowCount === 0) return;
    const { times } = batch;
    if (times === undefined) throw withoutTime();
    const ranges = this.#runs(times, batch.rowCount);
    if (ranges !== undefined) {
      for (let run = 0; run + 2 < ranges.length; run += 2) {
        take(ranges[run]!, batch, ranges[run + 1]!, ranges[run + 3] ?? batch.rowCount);
      }
      return;
    }
    const ordered = this.#reorder(batch, times);
    for (let from = 0; from < ordered.rowCount; ) {
      const slice = sliceOf(this.#windows, ordered.times![from]!);
      const to = this.#runEnd(ordered.times!, from, ordered.rowCount, slice);
      take(slice, ordered, from, to);
      from = to;
    }
  }

  /** Slice and first row of each run, and NaN at the end; undefined if there are too many. */
  #runs(times: Float64Array, rowCount: number): number[] | undefined {
    const ranges: number[] = [];
    for (let from = 0; from < rowCount; ) {
      const slice = sliceOf(this.#windows, times[from]!);
      if (Number.isNaN(slice)) throw withoutTime();
      ranges.push(slice, from);
      if (ranges.length > mostRuns * 2) return undefined;
      from = this.#runEnd(times, from, rowCount, slice);
    }
    ranges.push(Number.NaN);
    return ranges;
  }

  #runEnd(times: Float64Array, from: number, rowCount: number, slice: number): number {
    const endMs = slice + this.#windows.sliceMs;
    let row = from + 1;
    while (row < rowCount && times[row]! >= slice && times[row]! < endMs) row++;
    return row;
  }

  #reorder(batch: Batch, times: Float64Array): Batch {
    const { rowCount } = batch;
    if (this.#slices.length < rowCount) this.#slices = new Float64Array(rowCount);
    const slices = this.#slices;
    for (let row = 0; row < rowCount; row++) {
      slices[row] = sliceOf(this.#windows, times[row]!);
      if (Number.isNaN(slices[row]!)) throw withoutTime();
    }
    // Array.prototype.sort is stable: rows of a slice stay in the order of their arrival.
    const rows = new Uint32Array(rowCount);
    for (let row = 0; row < rowCount; row++) rows[row] = row;
    rows.sort((one, other) => slices[one]! - slices[other]! || one - other);
    this.#reordered ??= new BatchBuilder(batch.schema, rowCount);
    this.#reordered.appendRows(batch, rows, 0, rowCount);
    return this.#reordered.finish();
  }
}

export function withoutTime(): EngineError {
  return new EngineError(
    "no-event-time",
    "a window of event time got records that have none",
    "give the stream timestamps and watermarks before the window, or use a window of processing time or of counts",
    2,
  );
}
