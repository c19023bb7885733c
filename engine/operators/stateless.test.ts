import assert from "node:assert/strict";
import { test } from "node:test";
import { Batch } from "../records/batch.ts";
import { schema } from "../records/schema.ts";
import { filter } from "./filter.ts";
import type { Operator, OperatorContext } from "./operator.ts";
import { packKey, unpackKey } from "./packed-key.ts";
import { select } from "./select.ts";
import { splitBy } from "./split-by.ts";
import { type Compute, withColumn } from "./with-column.ts";

const input = schema({ id: "int32", price: "float64" });
const batch = () =>
  new Batch(
    input,
    3,
    [Int32Array.of(1, 2, 3, 99), Float64Array.of(5, 6, 7, 99)],
    Float64Array.of(10, 11, 12, 99),
  );

function emitted(operator: Operator, given: Batch): { output: string; batch: Batch }[] {
  const found: { output: string; batch: Batch }[] = [];
  const side = (output: string) => ({ emit: (each: Batch) => found.push({ output, batch: each }) });
  operator.open?.({ out: side(""), side } as unknown as OperatorContext);
  operator.onBatch(given, 0);
  return found;
}

test("a filter that takes a whole batch hands on its columns without a copy", () => {
  const given = batch();
  const [all] = emitted(filter({ input, output: input, accepts: () => true }), given);
  assert.equal(all!.batch.columns[1], given.columns[1]);
  assert.equal(all!.batch.times, given.times);
  assert.deepEqual(emitted(filter({ input, output: input, accepts: () => false }), given), []);
});

test("a filter copies what it takes together, with its times and its due time", () => {
  const given = batch();
  given.dueMs = 42;
  const [some] = emitted(
    filter({ input, output: schema({ price: "float64" }), accepts: (row) => row.id !== 2 }),
    given,
  );
  const { rowCount, columns, times, dueMs } = some!.batch;
  assert.deepEqual([...(columns[0] as Float64Array).subarray(0, rowCount)], [5, 7]);
  assert.deepEqual([...times!.subarray(0, rowCount)], [10, 12]);
  assert.equal(dueMs, 42);
});

test("select and withColumn hand on all other columns without a copy", () => {
  const given = batch();
  const [selected] = emitted(select({ input, columns: [{ from: "price", as: "cost" }] }), given);
  assert.equal(selected!.batch.columns[0], given.columns[1]);
  assert.deepEqual(selected!.batch.schema.columns, schema({ cost: "float64" }).columns);
  const output = schema({ id: "int32", price: "float64", dear: "bool" });
  const compute: Compute = { by: "row", each: (row) => (row.price as number) > 5 };
  const [added] = emitted(withColumn({ input, output, column: "dear", compute }), given);
  assert.equal(added!.batch.columns[1], given.columns[1]);
  assert.deepEqual([...(added!.batch.columns[2] as Uint8Array).subarray(0, 3)], [0, 1, 1]);
});

test("splitBy hands on a batch that all goes one way without a copy", () => {
  const given = batch();
  const found = emitted(splitBy({ input, outputs: ["a", "b"], placeOf: () => 1 }), given);
  assert.deepEqual(
    found.map(({ output, batch: each }) => [output, each === given]),
    [["b", true]],
  );
});

test("keys of several columns are equal exactly when all columns are", () => {
  const { columns } = schema({ a: "utf8?", b: "float64", c: "bool", d: "bytes" });
  const packed = (row: object) => Buffer.from(packKey(columns)(row as never)).toString("hex");
  const row = { a: "ab", b: -0, c: true, d: Uint8Array.of(1, 2) };
  assert.equal(packed(row), packed({ ...row, b: 0 }));
  const others = [{ a: null }, { a: "" }, { a: "a" }, { b: 1 }, { c: false }, { d: Uint8Array.of(1) }];
  const all = [row, ...others.map((other) => ({ ...row, ...other }))];
  assert.equal(new Set(all.map(packed)).size, all.length);
  for (const each of all) {
    const back: Record<string, unknown> = {};
    unpackKey(columns)(packKey(columns)(each as never), back as never);
    assert.deepEqual({ ...back, d: [...(back.d as Uint8Array)] }, { ...each, b: each.b + 0, d: [...each.d] });
  }
});
