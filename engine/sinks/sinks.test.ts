import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Histogram, type HistogramJson } from "../metrics/histogram.ts";
import { batchOf, OperatorHarness, type PlainRow } from "../operators/operator-harness-for-tests.ts";
import { schema } from "../records/schema.ts";
import { collectSink } from "./collect.ts";
import { discardSink } from "./discard.ts";
import { latencySink } from "./latency.ts";

const input = schema({ number: "integer", text: "utf8?", yes: "bool" });
const rows = fc.array(
  fc.record({ number: fc.maxSafeInteger(), text: fc.option(fc.string()), yes: fc.boolean() }),
  { minLength: 1, maxLength: 40 },
);
const digested = (...batches: PlainRow[][]) => {
  const harness = new OperatorHarness(discardSink({ digest: true }).make(input));
  for (const batch of batches) harness.rows(input, batch);
  return harness.operator.metrics?.();
};

test("a digest is the same for the same rows in any order and batches, and another one for others", () => {
  fc.assert(
    fc.property(rows, fc.nat(40), fc.nat(40), (given, cut, changed) => {
      const whole = digested(given);
      const turned = [...given].reverse();
      assert.deepEqual(digested(turned.slice(0, cut), turned.slice(cut)), whole);
      const at = changed % given.length;
      const other = given.map((row, index) => (index === at ? { ...row, yes: !row.yes } : row));
      assert.notDeepEqual(digested(other), whole);
      assert.notDeepEqual(digested([...given, given[0]!]), whole);
    }),
  );
});

test("text that moves to a neighbouring column or row changes the digest", () => {
  const two = schema({ first: "utf8", second: "utf8" });
  const of = (...texts: PlainRow[]) =>
    new OperatorHarness(discardSink({ digest: true }).make(two)).rows(two, texts).operator.metrics?.().digest;
  assert.notEqual(of({ first: "ab", second: "c" }), of({ first: "a", second: "bc" }));
  assert.notEqual(
    of({ first: "a", second: "b" }, { first: "c", second: "d" }),
    of({ first: "a", second: "d" }, { first: "c", second: "b" }),
  );
});

test("counted rows are part of a checkpoint", () => {
  const make = () => discardSink({ digest: true }).make(input);
  const some = [{ number: 1, text: null, yes: true }];
  const first = new OperatorHarness(make()).rows(input, some);
  const second = new OperatorHarness(make(), { restore: [first.snapshot()] }).rows(input, some);
  assert.deepEqual(second.operator.metrics?.(), digested([...some, ...some]));
});

test("latency counts from when rows were due, for every row of a batch", () => {
  const harness = new OperatorHarness(latencySink().make(schema({})));
  harness.nowMs = 1000;
  const batch = batchOf(schema({}), [{}, {}, {}]);
  batch.dueMs = 900;
  harness.batch(batch);
  batch.dueMs = Number.NaN;
  harness.batch(batch);
  const { rows: count, latency } = harness.operator.metrics!() as { rows: number; latency: HistogramJson };
  const histogram = Histogram.fromJson(latency);
  assert.equal(count, 6);
  assert.equal(histogram.count, 3);
  assert.ok(Math.abs(histogram.percentile(0.5) - 100) <= 1);
});

test("collected rows are copies with their event time", () => {
  const collected: unknown[] = [];
  const sink = collectSink((row, timeMs) => collected.push({ ...row, timeMs })).make(input);
  new OperatorHarness(sink).rows(input, [{ number: 1, text: "a", yes: true, $time: 5 }]);
  assert.deepEqual(collected, [{ number: 1, text: "a", yes: true, timeMs: 5 }]);
});
