/** Rows that are there already, for tests and small jobs: record n is row n, and a column can be its event time. */
import type { SourceSpec } from "../dataflow/source-spec.ts";
import type { OperatorContext } from "../operators/operator.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { type RowWriter, rowWriterOf } from "../records/row-writer.ts";
import type { Fields, RowOf, Schema } from "../records/schema.ts";
import type { OperatorList } from "../state/operator-list.ts";
import type { Polled, Source } from "./source.ts";
import { Splits } from "./splits.ts";

export type FromRowsSettings<F extends Fields> = {
  /** The event time of a row; no event time where left out. */
  readonly time?: (row: RowOf<F>) => number;
  readonly splits?: number;
  /** Rows of a batch, so that a small example has several. */
  readonly batchRows?: number;
  /** Numbers dealt to a split in one go. */
  readonly blockRows?: number;
};

const defaults = { splits: 128, batchRows: 64, blockRows: 1 };

export function fromRows<F extends Fields>(
  schema: Schema<F>,
  rows: readonly RowOf<F>[],
  settings: FromRowsSettings<F> = {},
): SourceSpec<F> {
  return {
    name: `${rows.length} rows`,
    schema,
    make: (_columns, pruned) => new RowsSource(pruned, rows, settings as FromRowsSettings<Fields>),
  };
}

class RowsSource implements Source {
  watermarkMs = Number.NEGATIVE_INFINITY;
  readonly dueMs = Number.NaN;
  readonly #rows: readonly RowOf<Fields>[];
  readonly #settings: FromRowsSettings<Fields> & typeof defaults;
  readonly #names: readonly string[];
  readonly #builder: BatchBuilder;
  readonly #writer: RowWriter;
  /** By row: the least event time of it and those behind it. */
  readonly #leastMs: Float64Array;
  #splits!: Splits;
  #list!: OperatorList;

  constructor(pruned: Schema, rows: readonly RowOf<Fields>[], settings: FromRowsSettings<Fields>) {
    this.#rows = rows;
    this.#settings = { ...defaults, ...settings };
    this.#names = pruned.columns.map(({ name }) => name);
    this.#builder = new BatchBuilder(pruned, this.#settings.batchRows);
    this.#writer = rowWriterOf(pruned, this.#builder);
    const { time } = settings;
    this.#leastMs = new Float64Array(rows.length);
    let least = Number.POSITIVE_INFINITY;
    for (let at = rows.length - 1; time && at >= 0; at--) {
      least = Math.min(least, time(rows[at]!));
      this.#leastMs[at] = least;
    }
  }

  open({ state, subtask, parallelism }: OperatorContext): void {
    const { splits, blockRows } = this.#settings;
    this.#splits = new Splits({ splits, blockRows, end: this.#rows.length, subtask, parallelism });
    this.#list = state.list("positions", "union");
    this.#splits.restore(this.#list.entries);
  }

  poll(): Polled {
    const { batchRows, time } = this.#settings;
    while (this.#builder.rowCount < batchRows) {
      const range = this.#splits.take(batchRows - this.#builder.rowCount);
      if (range === undefined) break;
      for (let at = 0; at < range.count; at++) this.#write(this.#rows[range.first + at]!);
    }
    const { lowest } = this.#splits;
    if (time && lowest < this.#rows.length) this.watermarkMs = this.#leastMs[lowest]!;
    return this.#builder.rowCount === 0 ? { is: "end" } : { is: "batch", batch: this.#builder.finish() };
  }

  onBarrier(): void {
    this.#list.replace(this.#splits.encode(Number.NaN));
  }

  #write(row: RowOf<Fields>): void {
    this.#writer.$begin();
    for (const name of this.#names) this.#writer[name] = row[name] as never;
    this.#writer.$end(this.#settings.time?.(row) ?? Number.NaN);
  }
}
