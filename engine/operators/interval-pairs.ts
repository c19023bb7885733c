/** Pairs that an interval join found, noted as row numbers and written column by column. */
import { Batch, batchRows } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { columnIndex, type Schema, schema } from "../records/schema.ts";
import type { MultiTable } from "../state/multi-table.ts";
import type { IntervalJoinConfig } from "./interval-join.ts";
import type { Output } from "./operator.ts";

type Part = {
  readonly columns: readonly number[];
  readonly schema: Schema;
  readonly builder: BatchBuilder;
  rows: Uint32Array;
};

export class IntervalPairs {
  readonly #output: Schema;
  readonly #out: Output;
  readonly #left: Part;
  readonly #right: Part;
  readonly #singles: Readonly<Record<"left" | "right", BatchBuilder>>;
  #count = 0;
  #times = new Float64Array(batchRows);
  /** Of pairs that are in the builders already. */
  #written = 0;

  constructor(config: IntervalJoinConfig, output: Schema, out: Output) {
    this.#output = output;
    this.#out = out;
    this.#left = partOf(config.left, config.result.left);
    this.#right = partOf(config.right, config.result.right);
    this.#singles = { left: new BatchBuilder(config.left, 1), right: new BatchBuilder(config.right, 1) };
  }

  /** Notes the partners that a row has among those of a key. */
  match(
    own: { readonly name: "left" | "right"; readonly fromMs: number; readonly toMs: number },
    batch: Batch,
    row: number,
    partners: MultiTable,
    keyRow: number,
  ): void {
    const timeMs = batch.times![row]!;
    const partnerTimes = partners.rows.times!;
    const { next } = partners;
    for (let partner = partners.firstRow(keyRow); partner >= 0; partner = next[partner]!) {
      const partnerMs = partnerTimes[partner]!;
      if (partnerMs < timeMs + own.fromMs || partnerMs > timeMs + own.toMs) continue;
      if (this.#written + this.#count === this.#times.length) this.#grow();
      this.#times[this.#written + this.#count] = Math.max(timeMs, partnerMs);
      const isLeft = own.name === "left";
      this.#left.rows[this.#count] = isLeft ? row : partner;
      this.#right.rows[this.#count++] = isLeft ? partner : row;
    }
  }

  /** Copies what was noted, which is of this batch and this table. */
  write(own: "left" | "right", batch: Batch, partners: MultiTable): void {
    if (this.#count === 0) return;
    append(this.#left, own === "left" ? batch : partners.rows, this.#count);
    append(this.#right, own === "left" ? partners.rows : batch, this.#count);
    this.#written += this.#count;
    this.#count = 0;
  }

  flush(dueMs: number): void {
    if (this.#written === 0) return;
    const left = this.#left.builder.finish();
    const right = this.#right.builder.finish();
    this.#out.emit(
      new Batch(
        this.#output,
        this.#written,
        [...left.columns, ...right.columns],
        this.#times,
        [...left.valid, ...right.valid],
        dueMs,
      ),
    );
    this.#written = 0;
  }

  /** One row of an input, as a batch of its own. */
  single(own: "left" | "right", batch: Batch, row: number): Batch {
    this.#singles[own].appendRange(batch, row, row + 1);
    return this.#singles[own].finish();
  }

  #grow(): void {
    const size = this.#times.length * 2;
    const times = new Float64Array(size);
    times.set(this.#times);
    this.#times = times;
    for (const part of [this.#left, this.#right]) {
      const rows = new Uint32Array(size);
      rows.set(part.rows);
      part.rows = rows;
    }
  }
}

function partOf(input: Schema, taken: readonly { readonly column: string }[]): Part {
  const columns = taken.map(({ column }) => columnIndex(input, column));
  const fields = columns.map((index) => {
    const { name } = input.columns[index]!;
    return [name, input.fields[name]!] as const;
  });
  const part = schema(Object.fromEntries(fields));
  return { columns, schema: part, builder: new BatchBuilder(part), rows: new Uint32Array(batchRows) };
}

function append({ columns, schema: part, builder, rows }: Part, batch: Batch, count: number): void {
  const picked = columns.map((index) => batch.columns[index]!);
  const valid = columns.map((index) => batch.valid[index]);
  builder.appendRows(new Batch(part, batch.rowCount, picked, undefined, valid), rows, 0, count);
}
