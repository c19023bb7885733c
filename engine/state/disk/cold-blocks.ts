/** Rows on disk as pieces in memory: for walks over a whole table, and for snapshots, one key group at a time. */
import type { Transaction } from "lmdb";
import type { FrozenSegment, FrozenTable } from "../frozen-state.ts";
import { type KeyedTable, rowForKeyOf } from "../keyed-table.ts";
import type { FrozenRows, Rows } from "../row-columns.ts";
import { writeRows } from "../snapshot/rows-segment.ts";
import { rowsByKeyGroup, sortByKey } from "../snapshot/sort-rows.ts";
import { type ColdRows, decodeRow } from "./cold-rows.ts";
import type { DiskByteKeyTable } from "./disk-byte-key-table.ts";
import type { DiskIntegerTable } from "./disk-integer-table.ts";

/** A table in memory, and how a row of a key as it is on disk is made in it. */
export type EmptyCopy = { readonly table: KeyedTable; add(key: Uint8Array): number };

const blockRows = 4096;
const sweptRows = 256;

export function* coldBlocks(cold: ColdRows, copy: () => EmptyCopy): Generator<Rows> {
  if (cold.count === 0) return;
  const snapshot = cold.snapshot();
  try {
    let block = copy();
    for (const { keyGroup, key, value } of cold.scan(snapshot)) {
      addCold(block, keyGroup, key, value);
      if (block.table.rowCount < blockRows) continue;
      yield block.table;
      block = copy();
    }
    if (block.table.rowCount > 0) yield block.table;
  } finally {
    snapshot.done();
  }
}

/** Whether any left. */
export function removeCold(
  cold: ColdRows,
  { table, add }: EmptyCopy,
  leaves: (rows: Rows, row: number) => boolean,
): boolean {
  if (cold.count === 0) return false;
  const before = cold.count;
  const snapshot = cold.snapshot();
  try {
    cold.together(() => {
      for (const { keyGroup, key, value } of cold.scan(snapshot)) {
        table.clear();
        const row = addCold({ table, add }, keyGroup, key, value);
        if (leaves(table, row)) cold.take(keyGroup, key);
      }
    });
  } finally {
    snapshot.done();
  }
  return cold.count < before;
}

/** The same for the next rows in turn, once `most` of the calls add up to enough to be worth it. */
export class ColdSweep {
  #due = 0;

  removeSome(
    cold: ColdRows,
    copy: () => EmptyCopy,
    most: number,
    leaves: (rows: Rows, row: number) => boolean,
  ): boolean {
    if (cold.count === 0) return false;
    this.#due += most;
    if (this.#due < sweptRows) return false;
    this.#due = 0;
    const block = copy();
    const over = cold
      .round(sweptRows)
      .filter(({ keyGroup, key, value }) => leaves(block.table, addCold(block, keyGroup, key, value)));
    if (over.length === 0) return false;
    cold.together(() => {
      for (const { keyGroup, key } of over) cold.take(keyGroup, key);
    });
    return true;
  }
}

export function frozenDiskTable(table: DiskIntegerTable | DiskByteKeyTable): FrozenTable {
  const rows = table.freeze();
  const snapshot = table.cold.snapshot();
  return {
    slice: null,
    identity: table,
    version: table.version,
    segments: () => segmentsOf(rows, table, snapshot),
    release: () => {
      rows.release();
      snapshot.done();
    },
  };
}

/** What memory and disk have of a key group is put together only when its turn comes. */
function* segmentsOf(
  warm: FrozenRows,
  table: DiskIntegerTable | DiskByteKeyTable,
  snapshot: Transaction,
): Generator<FrozenSegment> {
  const { order, groups } = rowsByKeyGroup(warm);
  const cold = table.cold.scan(snapshot);
  try {
    let next = cold.next();
    for (let warmAt = 0; warmAt < groups.length || !next.done; ) {
      const warmGroup = groups[warmAt]?.keyGroup ?? Number.POSITIVE_INFINITY;
      const coldGroup = next.done ? Number.POSITIVE_INFINITY : next.value.keyGroup;
      const keyGroup = Math.min(warmGroup, coldGroup);
      const merged = table.emptyCopy();
      if (warmGroup === keyGroup) {
        const { from, to } = groups[warmAt++]!;
        for (let at = from; at < to; at++) copyRow(warm, order[at]!, merged.table);
      }
      for (; !next.done && next.value.keyGroup === keyGroup; next = cold.next()) {
        addCold(merged, keyGroup, next.value.key, next.value.value);
      }
      yield { keyGroup, write: (writer) => writeSorted(writer, merged.table) };
    }
  } finally {
    cold.return(undefined);
  }
}

function writeSorted(writer: Parameters<typeof writeRows>[0], rows: Rows): void {
  const order = Uint32Array.from({ length: rows.rowCount }, (_, row) => row);
  sortByKey(rows, order);
  writeRows(writer, rows, order);
}

function addCold({ table, add }: EmptyCopy, keyGroup: number, key: Uint8Array, value: Uint8Array): number {
  const row = add(key);
  table.keyGroups[row] = keyGroup;
  decodeRow(value, table, row);
  return row;
}

function copyRow(from: Rows, row: number, table: KeyedTable): void {
  const to = rowForKeyOf(table, from, row);
  table.keyGroups[to] = from.keyGroups[row]!;
  for (const [at, values] of from.float64.entries()) table.float64[at]![to] = values[row]!;
  for (const [at, values] of from.int32.entries()) table.int32[at]![to] = values[row]!;
  for (const [at, { bytes, starts, lengths }] of from.bytes.entries()) {
    table.bytes[at]!.set(to, bytes, starts[row]!, starts[row]! + lengths[row]!);
  }
}
