import assert from "node:assert/strict";
import { test } from "node:test";
import { IntegerTable } from "../state/integer-table.ts";
import type { KeyedTable } from "../state/keyed-table.ts";
import { sliding } from "../time/window.ts";
import { SliceMerger } from "./slice-merger.ts";

test("a window of 1024 slices costs a few merges, and what is dropped is held no longer", () => {
  const slices = new Map<number, KeyedTable>();
  const table = (value: number) => {
    const made = new IntegerTable("integer", { float64: 1 }, 16);
    const row = made.rowFor(1);
    made.float64[0]![row] = value;
    return made;
  };
  let merges = 0;
  let finds = 0;
  const merger = new SliceMerger(
    sliding(1024, 1),
    (slice) => {
      finds++;
      return slices.get(slice);
    },
    () => table(0),
    (into, from) => {
      merges++;
      into.float64[0]![0]! += from.float64[0]![0]!;
    },
  );
  for (let slice = 0; slice < 3000; slice++) slices.set(slice, table(1));
  merger.window(0);
  merges = 0;
  for (let start = 1; start <= 1200; start++) {
    assert.deepEqual(merger.window(start)?.float64[0]?.slice(0, 1), Float64Array.of(1024));
    merger.dropBelow(start);
  }
  assert.ok(merges <= 1200 * 2 * 10, `${merges} merges`);
  finds = 0;
  merger.window(0);
  assert.ok(finds > 900, `${finds} slices were looked up again`);
});
