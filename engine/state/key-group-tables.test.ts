import assert from "node:assert/strict";
import { test } from "node:test";
import { IntegerTable } from "./integer-table.ts";
import { KeyGroupTables } from "./key-group-tables.ts";

const tables = () => new KeyGroupTables(128, () => new IntegerTable("int32", { float64: 1 }));

test("a group moves alone, with its rows", () => {
  const before = tables();
  const after = tables();
  for (const group of [3, 4]) before.put(group).rowFor(group * 10);
  after.put(3, before.take(3));
  assert.deepEqual([before.owned, after.owned], [[4], [3]]);
  assert.equal(after.at(3).find(30), 0);
  assert.deepEqual([before.rowCount, after.rowCount], [1, 1]);
  assert.equal(before.memoryBytes, before.at(4).memoryBytes);
});

test("a group that is not owned, owned already or does not exist is refused by its number", () => {
  const some = tables();
  some.put(7);
  assert.throws(() => some.at(8), /key group 8 is not owned by this subtask, which owns 7/);
  assert.throws(() => some.take(8), /key group 8/);
  assert.throws(() => some.put(7), /key group 7 is owned by this subtask already/);
  assert.throws(() => some.put(128), /no key group 128; they are 0 to 127/);
});
