import assert from "node:assert/strict";
import { test } from "node:test";
import { RecordTable } from "./record-table.ts";

test("growing keeps what was written, and new records are zero", () => {
  const table = new RecordTable(2, 4);
  table.floats[1] = 2.5;
  table.words[4] = 7;
  table.reserve(3);
  assert.ok(table.records >= 3);
  assert.equal(table.floats[1], 2.5);
  assert.equal(table.words[4], 7);
  assert.ok(table.words.slice(8).every((word) => word === 0));
});

test("adding records one at a time copies them only when their number doubles", () => {
  const table = new RecordTable(1, 2);
  let copies = 0;
  for (let records = 1; records <= 1000; records++) {
    const before = table.words;
    table.reserve(records);
    if (table.words !== before) copies++;
  }
  assert.equal(copies, 10);
});
