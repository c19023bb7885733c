import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { readNumbers, writeNumbers } from "./packed-columns.ts";

function packed(values: readonly number[]): Uint8Array {
  const writer = new ByteWriter(1);
  writeNumbers(writer, Float64Array.from(values), values.length);
  return writer.take();
}

test("any column comes back bit by bit, but for the kind of NaN", () => {
  const edges = fc.constantFrom(
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53 - 1,
    -(2 ** 53) + 1,
    2 ** 32,
    0.5,
  );
  const columns = fc.oneof(
    fc.array(fc.double()),
    fc.array(fc.integer()),
    fc.array(fc.nat(300)),
    fc.array(fc.maxSafeInteger()),
    fc.array(fc.maxSafeInteger()).map((values) => values.sort((one, other) => one - other)),
    fc.array(fc.oneof(edges, fc.nat(3))),
    fc.tuple(fc.double(), fc.nat(20)).map(([value, count]) => Array<number>(count).fill(value)),
  );
  fc.assert(
    fc.property(columns, (values) => {
      const reader = new ByteReader(packed(values));
      const back = readNumbers(reader, values.length);
      for (const [at, value] of values.entries()) assert.ok(Object.is(back[at], value), `${at}: ${back[at]}`);
      assert.ok(reader.isAtEnd);
    }),
    { numRuns: 500 },
  );
});

test("whole numbers take as few bytes as their range or their steps need", () => {
  const many = Array.from({ length: 1000 }, (_, at) => at);
  assert.equal(packed(many.map((at) => 1e15 + (at % 200))).length, 10 + 1000);
  assert.equal(packed(many.map((at) => 1e15 + ((at * 7) % 1000))).length, 10 + 2000);
  assert.equal(packed(many.map((at) => -1e15 + at * 250)).length, 10 + 999);
  assert.equal(packed(many.map((at) => ((at * 7919) % 1000) * 1e6)).length, 10 + 4000);
  assert.equal(packed(many.map(() => Number.NaN)).length, 9);
  assert.equal(packed(many.map((at) => at / 2)).length, 1 + 8000);
});
