/** How each kind of state is frozen, restored and moved by key group: what operators do not have to know of it. */
import { type FrozenSegment, type FrozenTable, noKeyGroup } from "./frozen-state.ts";
import type { KeyedTable } from "./keyed-table.ts";
import type { MultiTable } from "./multi-table.ts";
import type { OperatorList } from "./operator-list.ts";
import type { Rows } from "./row-columns.ts";
import type { Slices, SliceTable } from "./slices.ts";
import { ByteReader } from "./snapshot/byte-reader.ts";
import type { ByteWriter } from "./snapshot/byte-writer.ts";
import { writeList } from "./snapshot/list-segment.ts";
import { readMulti, writeMulti } from "./snapshot/multi-segment.ts";
import { readRows, writeRows } from "./snapshot/rows-segment.ts";
import { rowsByKeyGroup, sortByKey } from "./snapshot/sort-rows.ts";
import { readTimers } from "./snapshot/timers-segment.ts";
import type { TimerQueue, Timers } from "./timer-queue.ts";

export interface RegisteredState {
  freeze(): FrozenTable[];
  /** Takes in one key group of one table. */
  adopt(slice: number | null, keyGroup: number, bytes: Uint8Array): void;
  /** Forgets a key group. */
  drop(keyGroup: number): void;
  readonly memoryBytes: number;
  readonly keyCount: number;
}

export function registeredTable(table: KeyedTable): RegisteredState {
  return {
    freeze: () => [frozenTable(table, null)],
    adopt: (_, keyGroup, bytes) => readRows(new ByteReader(bytes), table, keyGroup),
    drop: (keyGroup) => dropGroup(table, keyGroup),
    get memoryBytes() {
      return table.memoryBytes;
    },
    get keyCount() {
      return table.keyCount;
    },
  };
}

export function registeredMultiTable(table: MultiTable): RegisteredState {
  return {
    freeze: () => [frozenMulti(table, null)],
    adopt: (_, keyGroup, bytes) => readMulti(new ByteReader(bytes), table, keyGroup),
    drop: (keyGroup) => dropGroupOfMulti(table, keyGroup),
    get memoryBytes() {
      return table.memoryBytes;
    },
    get keyCount() {
      return table.keyCount;
    },
  };
}

/** Of either kind of table; an empty slice is not kept. */
export function registeredSlices<Table extends SliceTable & { readonly keyCount: number }>(
  slices: Slices<Table>,
  one: (table: Table) => RegisteredState,
  freeze: (table: Table, slice: number) => FrozenTable,
): RegisteredState {
  const sum = (of: (table: Table) => number): number =>
    [...slices.tables()].reduce((total, [, table]) => total + of(table), 0);
  return {
    freeze: () => [...slices.tables()].map(([startMs, table]) => freeze(table, startMs)),
    adopt: (slice, keyGroup, bytes) => one(slices.at(slice!)).adopt(null, keyGroup, bytes),
    drop: (keyGroup) => {
      for (const [, table] of slices.tables()) one(table).drop(keyGroup);
    },
    get memoryBytes() {
      return slices.spareBytes + sum((table) => table.memoryBytes);
    },
    get keyCount() {
      return sum((table) => table.keyCount);
    },
  };
}

export function registeredTimers({ event, processing }: TimerQueue): RegisteredState {
  const domains = [event, processing] as const;
  return {
    freeze: () => domains.map((timers, domain) => frozenTimers(timers, domain)),
    adopt: (slice, _, bytes) => readTimers(new ByteReader(bytes), domains[slice as 0 | 1]),
    drop: (keyGroup) => {
      for (const timers of domains) timers.dropGroup(keyGroup);
    },
    get memoryBytes() {
      return event.memoryBytes + processing.memoryBytes;
    },
    get keyCount() {
      return event.size + processing.size;
    },
  };
}

export function registeredList(list: OperatorList): RegisteredState {
  return {
    freeze: () => {
      const { entries } = list; // Never changed, only replaced.
      const segment = { keyGroup: noKeyGroup, write: (writer: ByteWriter) => writeList(writer, entries) };
      return [
        { slice: null, identity: entries, version: 0, segments: () => [segment], release: () => undefined },
      ];
    },
    adopt: () => undefined, // Lists are dealt out whole.
    drop: () => undefined,
    get memoryBytes() {
      return list.memoryBytes;
    },
    keyCount: 0,
  };
}

export function frozenTable(table: KeyedTable, slice: number | null): FrozenTable {
  const rows = table.freeze();
  return {
    slice,
    identity: table,
    version: table.version,
    segments: () => segmentsOf(rows, (writer, order) => writeRows(writer, rows, order)),
    release: () => rows.release(),
  };
}

export function frozenMulti(table: MultiTable, slice: number | null): FrozenTable {
  const multi = table.freeze();
  return {
    slice,
    identity: table,
    version: table.keys.version,
    segments: () => segmentsOf(multi.keys, (writer, order) => writeMulti(writer, multi, order)),
    release: () => multi.release(),
  };
}

function frozenTimers({ table }: Timers, domain: number): FrozenTable {
  const rows = table.freeze();
  const keysAlone = { ...rows, float64: [], int32: [], bytes: [] };
  return {
    slice: domain,
    identity: table,
    version: table.version,
    segments: () => segmentsOf(rows, (writer, order) => writeRows(writer, keysAlone, order)),
    release: () => rows.release(),
  };
}

function* segmentsOf(
  rows: Rows,
  write: (writer: ByteWriter, order: Uint32Array) => void,
): Generator<FrozenSegment> {
  const { order, groups } = rowsByKeyGroup(rows);
  for (const { keyGroup, from, to } of groups) {
    const ofGroup = order.subarray(from, to);
    yield {
      keyGroup,
      write: (writer) => {
        sortByKey(rows, ofGroup);
        write(writer, ofGroup);
      },
    };
  }
}

function dropGroup(table: KeyedTable, keyGroup: number): void {
  table.removeWhere(({ keyGroups }, row) => keyGroups[row] === keyGroup);
}

function dropGroupOfMulti(table: MultiTable, keyGroup: number): void {
  for (let row = table.keys.rowCount - 1; row >= 0; row--) {
    if (table.keys.keyGroups[row] === keyGroup) table.dropKey(row);
  }
}
