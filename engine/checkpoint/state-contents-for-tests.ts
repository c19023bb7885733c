/** What subtasks hold together, in the form of the model, and the way from frozen subtasks to new ones. */
import assert from "node:assert/strict";
import type { ByteRows } from "../state/byte-arena.ts";
import type { FrozenState } from "../state/frozen-state.ts";
import { BlobReader } from "./blob.ts";
import type { Part } from "./part.ts";
import { PartBuilder } from "./part-builder.ts";
import { restoredState } from "./restore-state.ts";
import { emptyModel, type Handles, type Model, rowsOfKey } from "./state-model-for-tests.ts";

const text = (rows: ByteRows, row: number): string => Buffer.from(rows.get(row)).toString();

/** Timers are popped, so a subtask is of no use afterwards but for its other states. */
export function contentsOf(subtasks: readonly Handles[]): Model {
  const model = emptyModel();
  for (const { numbers, words, sums, rows, sliced, timers, list } of subtasks) {
    for (const block of numbers.blocks()) {
      for (let row = 0; row < block.rowCount; row++) {
        model.numbers.set((block.keys as Float64Array)[row]!, [
          block.float64[0]![row]!,
          block.int32[0]![row]!,
          text(block.bytes[0]!, row),
        ]);
      }
    }
    for (const block of words.blocks()) {
      for (let row = 0; row < block.rowCount; row++) {
        model.words.set(text(block.keys as ByteRows, row), block.float64[0]![row]!);
      }
    }
    for (const [startMs, table] of sums.tables()) {
      for (const block of table.blocks()) {
        for (let row = 0; row < block.rowCount; row++) {
          const slice = model.sums.get(startMs) ?? new Map();
          slice.set((block.keys as Float64Array)[row]!, block.float64[0]![row]!);
          model.sums.set(startMs, slice);
        }
      }
    }
    for (const block of rows.blocks()) {
      const keys = block.keys.keys as Float64Array;
      for (let row = 0; row < block.keys.rowCount; row++) model.rows.set(keys[row]!, rowsOfKey(block, row));
    }
    for (const [startMs, multi] of sliced.tables()) {
      for (const block of multi.blocks()) {
        for (let row = 0; row < block.keys.rowCount; row++) {
          const slice = model.sliced.get(startMs) ?? new Map();
          slice.set(text(block.keys.keys as ByteRows, row), rowsOfKey(block, row));
          model.sliced.set(startMs, slice);
        }
      }
    }
    for (const domain of ["event", "processing"] as const) {
      const before: string[] = [];
      while (timers[domain].pop(Number.POSITIVE_INFINITY)) {
        const { timeMs, keyBytes } = timers[domain];
        before.push(`${timeMs}/${Buffer.from(keyBytes).toString("hex")}`);
        model[domain].add(JSON.stringify([timeMs, Buffer.from(keyBytes).toString()]));
      }
      assert.deepEqual(before, before.toSorted(), "timers pop by time, then by key");
      assert.equal(timers[domain].nextMs, Number.POSITIVE_INFINITY);
    }
    model.list.push(...list.entries.map((entry) => Buffer.from(entry).toString()));
  }
  return model;
}

/** In an order that does not depend on how it came about; empty slices are as good as none. */
export function canonical(model: Model): unknown {
  const sorted = (map: Map<unknown, unknown>): unknown[] =>
    [...map]
      .map(([key, value]) => [key, value instanceof Map ? sorted(value) : value])
      .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
      .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1));
  return {
    numbers: sorted(model.numbers),
    words: sorted(model.words),
    sums: sorted(model.sums),
    rows: sorted(model.rows),
    sliced: sorted(model.sliced),
    event: [...model.event].sort(),
    processing: [...model.processing].sort(),
    list: model.list.toSorted(),
  };
}

/** Blobs by name, as a store has them. */
export type Blobs = Map<string, Uint8Array>;

export function storeFrozen(
  frozen: FrozenState,
  name: string,
  previous: Part | undefined,
  blobs: Blobs,
  between: () => void = () => undefined,
): Part {
  const builder = new PartBuilder(name, previous);
  for (const _ of builder.encode(frozen)) between();
  const { part, blob } = builder.finish();
  if (blob) blobs.set(blob.name, blob.bytes);
  // Through JSON, as it goes into a manifest.
  return JSON.parse(JSON.stringify(part)) as Part;
}

export function restoredFrom(
  parts: readonly Part[],
  blobs: Blobs,
  subtask: number,
  parallelism: number,
  ownerOf: (keyGroup: number) => number,
) {
  return restoredState(
    "op",
    parts,
    { subtask, parallelism, owns: (keyGroup) => ownerOf(keyGroup) === subtask },
    (name) => new BlobReader(name, blobs.get(name)!),
  );
}
