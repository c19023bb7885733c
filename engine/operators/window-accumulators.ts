/** Windows that hold accumulators: in the pane's own row, behind what the pane says of itself. */
import { type Batch, batchRows } from "../records/batch.ts";
import type { Aggregates } from "./aggregates/aggregates.ts";
import { CountedOutput } from "./counted-output.ts";
import type { OperatorContext } from "./operator.ts";
import { hasBounds, type WindowOperatorConfig, windowOperatorOutput } from "./window-operator-config.ts";
import type { Pane, PaneContents } from "./window-panes.ts";
import { WindowResults } from "./window-results.ts";

export class AggregateContents implements PaneContents {
  readonly #aggregates: Aggregates;
  readonly #results: WindowResults;
  readonly #out: CountedOutput;
  #rows = new Int32Array(batchRows);

  constructor(config: WindowOperatorConfig, aggregates: Aggregates, context: OperatorContext) {
    this.#aggregates = aggregates;
    this.#out = new CountedOutput(context.out);
    const output = windowOperatorOutput(config);
    this.#results = new WindowResults(
      output,
      this.#out.within(context),
      aggregates,
      hasBounds(config.window),
    );
  }

  add({ table, row: paneRow }: Pane, batch: Batch, row: number, isNew: boolean): void {
    const rows = this.#room(row + 1);
    rows[row] = paneRow;
    this.#aggregates.add(table, isNew ? paneRow : table.rowCount, rows, batch, row, row + 1);
  }

  merge(into: Pane, from: Pane): void {
    const rows = this.#room(from.row + 1);
    rows[from.row] = into.row;
    into.table.beginWriting();
    this.#aggregates.merge(into.table, into.table.rowCount, rows, from.table, from.row, from.row + 1);
  }

  fire({ table, row, windowStartMs, windowEndMs }: Pane, timeMs: number): void {
    this.#results.write(table, row, row + 1, windowStartMs, windowEndMs, timeMs);
    if (this.#results.isFull) this.#results.emit();
  }

  purge({ table, row }: Pane): void {
    table.beginWriting();
    this.#aggregates.reset(table, row);
  }

  flush(): void {
    this.#results.emit();
  }

  hasEmitted(): boolean {
    return this.#out.hasEmitted();
  }

  #room(rows: number): Int32Array {
    if (this.#rows.length < rows) this.#rows = new Int32Array(Math.max(rows, this.#rows.length * 2));
    return this.#rows;
  }
}
