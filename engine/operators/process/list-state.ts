/** A list for each key, in the order in which elements were added. Each element has its own time to live. */
import { findCell, rowForCell } from "../../state/keyed-table.ts";
import type { MultiTable } from "../../state/multi-table.ts";
import type { KeyType, OperatorState } from "../../state/operator-state.ts";
import { ElementRows, ElementStage } from "./elements.ts";
import type { KeyedHandle, KeyPosition } from "./keyed-handle.ts";
import type { ElementSpec, ListSpec, ListState } from "./state-specs.ts";

/** Elements that are over are removed, all at once, when so many and half of all rows were added since. */
const addedLeast = 1024;

export class ListHandle implements KeyedHandle, ListState<unknown> {
  readonly #rows: MultiTable;
  readonly #at: KeyPosition;
  readonly #stage: ElementStage;
  readonly #elements: ElementRows;
  readonly #ttlMs: number;
  readonly #refreshes: boolean;
  #added = 0;

  constructor(
    state: OperatorState,
    name: string,
    key: KeyType,
    { element, ttl }: ListSpec<ElementSpec>,
    at: KeyPosition,
  ) {
    this.#at = at;
    this.#ttlMs = ttl?.ttlMs ?? Number.NaN;
    this.#refreshes = ttl?.refresh === "read";
    this.#stage = new ElementStage(element);
    this.#rows = state.multiTable(name, key, this.#stage.schema);
    this.#elements = new ElementRows(this.#stage.schema, element);
  }

  begin(): void {}

  end(): void {
    if (Number.isNaN(this.#ttlMs)) return;
    if (this.#added < addedLeast || this.#added * 2 < this.#rows.rowCount) return;
    this.#rows.removeWhere((rows, row) => !this.#isAlive(rows.times, row));
    this.#added = 0;
  }

  add(element: unknown): void {
    // The time of an element's row is its end; NaN where it has none.
    const staged = this.#stage.stage(element, this.#at.nowMs + this.#ttlMs);
    this.#rows.appendRow(rowForCell(this.#rows.keys, this.#at.column, this.#at.row), staged, 0);
    this.#added++;
  }

  get(): unknown[] {
    const keyRow = findCell(this.#rows.keys, this.#at.column, this.#at.row);
    if (keyRow < 0) return [];
    const found: unknown[] = [];
    const { rows, next } = this.#rows;
    this.#elements.bind(rows);
    let total = 0;
    for (let row = this.#rows.firstRow(keyRow); row >= 0; row = next[row]!, total++) {
      if (this.#isAlive(rows.times, row)) found.push(this.#elements.at(row));
    }
    if (found.length === 0) this.#rows.dropKey(keyRow);
    else if (this.#refreshes || found.length * 2 < total) this.update(found);
    return found;
  }

  update(elements: readonly unknown[]): void {
    this.clear();
    for (const element of elements) this.add(element);
  }

  clear(): void {
    const keyRow = findCell(this.#rows.keys, this.#at.column, this.#at.row);
    if (keyRow >= 0) this.#rows.dropKey(keyRow);
  }

  #isAlive(untilMs: Float64Array | undefined, row: number): boolean {
    const until = untilMs?.[row] ?? Number.NaN;
    return !(until <= this.#at.nowMs);
  }
}
