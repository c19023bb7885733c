/**
 * A map for each key. Entries lie in one table under composed keys, so that reading or setting one costs the same
 * however many there are; a list beside it remembers which composed keys belong to a key, for walking and clearing.
 * The list may name entries that are gone: they are skipped, and the list is written anew when they are many.
 */
import type { BytesColumn, Column } from "../../records/batch.ts";
import { schema } from "../../records/schema.ts";
import { keyGroupsOfColumn } from "../../state/key-groups.ts";
import { findCell, rowForCell } from "../../state/keyed-table.ts";
import type { MultiTable } from "../../state/multi-table.ts";
import type { KeyType, OperatorState } from "../../state/operator-state.ts";
import { ElementStage, elementReader } from "./elements.ts";
import { type KeyedHandle, KeyPosition } from "./keyed-handle.ts";
import { type MapKey, MapKeys } from "./map-keys.ts";
import {
  type ElementSpec,
  elementFields,
  type MapKeyType,
  type MapSpec,
  type MapState,
} from "./state-specs.ts";
import type { ValueRows } from "./value-rows.ts";
import { valueState } from "./value-state.ts";

/** Lists of fewer names are not worth looking through. */
const namesLeast = 16;
/** Names of entries whose time is over are removed, all at once, when so many and half of all were added since. */
const tidiedLeast = 1024;

export class MapHandle implements KeyedHandle, MapState<MapKey, unknown> {
  readonly #at: KeyPosition;
  readonly #key: KeyType;
  readonly #maxParallelism: number;
  readonly #keys: MapKeys;
  /** Stands on one composed key. */
  readonly #entryAt = new KeyPosition();
  readonly #entries: ValueRows;
  readonly #entry: Record<string, unknown> & { readonly $isSet: boolean; $clear(): void };
  readonly #fields: readonly string[];
  readonly #read: (row: object) => unknown;
  readonly #isPlain: boolean;
  readonly #names: MultiTable;
  readonly #stage = new ElementStage({ name: "bytes" });
  readonly #group = new Uint16Array(1);
  readonly #expires: boolean;
  #added = 0;

  constructor(
    state: OperatorState,
    name: string,
    key: KeyType,
    { key: mapKey, element, ttl }: MapSpec<MapKeyType, ElementSpec>,
    at: KeyPosition,
    maxParallelism: number,
  ) {
    this.#at = at;
    this.#key = key;
    this.#maxParallelism = maxParallelism;
    this.#keys = new MapKeys(mapKey, at);
    const fields = elementFields(element);
    this.#fields = Object.keys(fields);
    const spec = { is: "value" as const, fields, ...(ttl && { ttl }) };
    const { handle, view } = valueState(state, name, "bytes", spec, this.#entryAt, `map by ${mapKey} of `);
    this.#entries = handle;
    this.#entry = view as never;
    this.#read = elementReader(element);
    this.#isPlain = typeof element === "string";
    this.#expires = ttl !== undefined;
    this.#names = state.multiTable(`${name} names`, key, schema({ name: "bytes" }));
  }

  begin(): void {
    this.#entryAt.nowMs = this.#at.nowMs;
  }

  end(): void {
    if (!this.#expires || this.#added < tidiedLeast || this.#added * 2 < this.#names.rowCount) return;
    const { table } = this.#entries;
    this.#names.removeWhere(({ columns }, row) => {
      const { bytes, offsets } = columns[0] as BytesColumn;
      return findCell(table, { bytes, offsets: offsets.subarray(row, row + 2) }, 0) < 0;
    });
    this.#added = 0;
  }

  get(mapKey: MapKey): unknown {
    return this.#onEntry(mapKey, () => (this.#entry.$isSet ? this.#read(this.#entry) : undefined));
  }

  has(mapKey: MapKey): boolean {
    return this.#onEntry(mapKey, () => this.#entry.$isSet);
  }

  set(mapKey: MapKey, element: unknown): void {
    this.#onEntry(mapKey, () => {
      if (!this.#entry.$isSet) this.#addName();
      if (this.#isPlain) this.#entry.value = element;
      else for (const field of this.#fields) this.#entry[field] = (element as Record<string, unknown>)[field];
    });
  }

  delete(mapKey: MapKey): void {
    this.#onEntry(mapKey, () => this.#entry.$clear());
  }

  entries(): [MapKey, unknown][] {
    const found: [MapKey, unknown][] = [];
    for (const mapKey of this.#mapKeys()) {
      const element = this.get(mapKey);
      if (element !== undefined) found.push([mapKey, element]);
    }
    return found;
  }

  keys(): MapKey[] {
    return this.#mapKeys().filter((mapKey) => this.has(mapKey));
  }

  get isEmpty(): boolean {
    return !this.#mapKeys().some((mapKey) => this.has(mapKey));
  }

  clear(): void {
    for (const mapKey of this.#mapKeys()) this.delete(mapKey);
    this.#dropNames();
  }

  #onEntry<Result>(mapKey: MapKey, act: () => Result): Result {
    this.#keys.compose(mapKey);
    this.#entryAt.column = this.#keys.cell;
    this.#entries.begin(1);
    const result = act();
    this.#entries.end();
    return result;
  }

  /** The entry in the cell is new. It belongs to the group of the operator's key, not of its composed one. */
  #addName(): void {
    keyGroupsOfColumn(this.#key, cellOf(this.#at), 1, this.#maxParallelism, this.#group);
    this.#entries.table.keyGroups[this.#entries.rows[0]!] = this.#group[0]!;
    const { bytes, offsets } = this.#keys.cell;
    const keyRow = rowForCell(this.#names.keys, this.#at.column, this.#at.row);
    const count = this.#names.countOf(keyRow) + 1;
    this.#added++;
    this.#names.appendRow(keyRow, this.#stage.stage({ name: bytes.subarray(0, offsets[1]) }, Number.NaN), 0);
    // At powers of two: so the walk costs a share of what adding them did.
    if (count >= namesLeast && (count & (count - 1)) === 0) this.#tidyNames();
  }

  /** In order of their coming, each once; some may be gone. */
  #mapKeys(): MapKey[] {
    const keyRow = findCell(this.#names.keys, this.#at.column, this.#at.row);
    if (keyRow < 0) return [];
    const found = new Set<MapKey>();
    const names = this.#names.rows.columns[0] as BytesColumn;
    for (let row = this.#names.firstRow(keyRow); row >= 0; row = this.#names.next[row]!) {
      found.add(this.#keys.mapKeyOf(names, row));
    }
    return [...found];
  }

  #tidyNames(): void {
    const keyRow = findCell(this.#names.keys, this.#at.column, this.#at.row);
    const names = this.#names.rows.columns[0] as BytesColumn;
    const table = this.#entries.table;
    const alive = new Map<MapKey, Uint8Array>();
    let total = 0;
    for (let row = this.#names.firstRow(keyRow); row >= 0; row = this.#names.next[row]!, total++) {
      const name = names.bytes.slice(names.offsets[row], names.offsets[row + 1]);
      // The one that is being added was made already.
      if (findCell(table, { bytes: name, offsets: Int32Array.of(0, name.length) }, 0) < 0) continue;
      alive.set(this.#keys.mapKeyOf(names, row), name);
    }
    // What came from disk to be looked at has replaced columns under the entry that is being added.
    this.#entries.onColumns();
    if (alive.size * 2 > total) return;
    this.#names.dropKey(keyRow);
    const newRow = rowForCell(this.#names.keys, this.#at.column, this.#at.row);
    for (const name of alive.values())
      this.#names.appendRow(newRow, this.#stage.stage({ name }, Number.NaN), 0);
  }

  #dropNames(): void {
    const keyRow = findCell(this.#names.keys, this.#at.column, this.#at.row);
    if (keyRow >= 0) this.#names.dropKey(keyRow);
  }
}

/** The cell that the operator stands on, as a column of one. */
function cellOf({ column, row }: KeyPosition): Column {
  return "offsets" in column
    ? { bytes: column.bytes, offsets: column.offsets.subarray(row, row + 2) }
    : column.subarray(row, row + 1);
}
