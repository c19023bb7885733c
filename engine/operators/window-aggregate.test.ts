import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { schema } from "../records/schema.ts";
import type { AggregateSpec } from "./aggregates/aggregate-spec.ts";
import { batchOf, OperatorHarness, type PlainRow, plainRows } from "./operator-harness-for-tests.ts";
import { windowAggregate } from "./window-aggregate.ts";
import {
  canPreAggregate,
  preAggregateOutput,
  type WindowAggregateConfig,
} from "./window-aggregate-config.ts";
import { inOrder, WindowCluster } from "./window-cluster-for-tests.ts";
import { windowPreAggregate } from "./window-pre-aggregate.ts";
import { type ReferenceWindow, WindowReference } from "./window-reference-for-tests.ts";

const numbers = schema({ key: "integer", value: "int32", maybe: "float64?", name: "utf8" });
const texts = schema({ key: "utf8", value: "int32", maybe: "float64?", name: "utf8" });

const aggregates: AggregateSpec[] = [
  { is: "count", as: "count" },
  { is: "sum", column: "value", as: "sum" },
  { is: "min", column: "value", as: "min" },
  { is: "max", column: "maybe", as: "max" },
  { is: "avg", column: "maybe", as: "avg" },
  { is: "sum", column: "maybe", as: "maybeSum" },
  { is: "argMax", by: "value", ties: ["id"], take: ["id", "name"] },
  {
    is: "custom",
    accumulator: { product: "float64", bytes: "utf8" },
    initial: { product: 1 },
    add: (kept, row) => {
      kept.product *= row.value as number;
      if ((row.name as string).length > kept.bytes.length) kept.bytes = row.name;
    },
    merge: (kept, other) => {
      kept.product *= other.product;
      if (other.bytes.length > kept.bytes.length) kept.bytes = other.bytes;
    },
    output: { product: "float64", longestLength: "integer" },
    result: (kept, out) => {
      out.product = kept.product;
      out.longestLength = kept.bytes.length;
    },
  },
];

function expected({ key, startMs, endMs, rows }: ReferenceWindow): PlainRow {
  const there = rows.map(({ maybe }) => maybe as number | null).filter((value) => value !== null);
  const values = rows.map(({ value }) => value as number);
  const most = Math.max(...values);
  const best = rows
    .filter(({ value }) => value === most)
    .sort((one, other) => (one.id as number) - (other.id as number))[0]!;
  const sum = there.reduce((total, value) => total + value, 0);
  return {
    key,
    windowStart: startMs,
    windowEnd: endMs,
    count: rows.length,
    sum: values.reduce((total, value) => total + value, 0),
    min: Math.min(...values),
    max: there.length === 0 ? null : Math.max(...there),
    avg: there.length === 0 ? null : sum / there.length,
    maybeSum: there.length === 0 ? null : sum,
    id: best.id,
    name: best.name,
    product: values.reduce((product, value) => product * value, 1),
    longestLength: Math.max(...rows.map(({ name }) => (name as string).length)),
    $time: endMs - 1,
  };
}

type Step =
  | { is: "rows"; rows: { key: number; value: number; maybe: number | null; name: string; time: number }[] }
  | { is: "watermark"; by: number; subtasks: number | undefined }
  | { is: "restore"; parallelism: number; from: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant("rows" as const),
      rows: fc.array(
        fc.record({
          key: fc.integer({ min: -3, max: 3 }),
          value: fc.integer({ min: -2, max: 2 }),
          maybe: fc.option(fc.integer({ min: -4, max: 4 })),
          name: fc.string({ maxLength: 3 }),
          time: fc.integer({ min: -60, max: 60 }),
        }),
        { maxLength: 30 },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant("watermark" as const),
      by: fc.integer({ min: 0, max: 30 }),
      subtasks: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant("restore" as const),
      parallelism: fc.integer({ min: 1, max: 3 }),
      from: fc.integer({ min: 0, max: 60 }),
    }),
  },
);

const shape = fc.record({
  size: fc.integer({ min: 1, max: 24 }),
  slide: fc.integer({ min: 1, max: 24 }),
  offset: fc.integer({ min: -5, max: 5 }),
  lateness: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 })),
  isText: fc.boolean(),
  parallelism: fc.integer({ min: 1, max: 3 }),
});

test("any windows of any disordered stream, restored at any parallelism and watermark, give what plain lists give", () => {
  fc.assert(
    fc.property(
      shape,
      fc.array(step, { maxLength: 20 }),
      ({ size, slide, offset, lateness, isText, parallelism }, steps) => {
        const base = isText ? texts : numbers;
        const input = schema({ ...base.fields, id: "integer" });
        const config: WindowAggregateConfig = {
          input,
          key: "key",
          window: { is: "sliding", sizeMs: size, slideMs: slide, offsetMs: offset },
          aggregates,
          latenessMs: lateness,
          late: true,
        };
        const cluster = new WindowCluster(() => windowAggregate(config), parallelism, {
          schema: input,
          key: "key",
        });
        const reference = new WindowReference(size, slide, offset, lateness);
        const keys = [-3, -2, -1, 0, 1, 2, 3].map((key) => (isText ? `key ${key}` : key));
        const someRow = (key: unknown): PlainRow => ({ key, value: 0, maybe: null, name: "", id: 0 });
        const raise = (watermarkMs: number, subtasks: number | undefined) => {
          const owners = cluster.ownersOf(keys.map(someRow));
          for (const [index, key] of keys.entries()) {
            if (owners[index]! < (subtasks ?? 3)) reference.watermark(key, watermarkMs);
          }
          cluster.watermark(watermarkMs, subtasks);
        };
        const late: PlainRow[] = [];
        let watermarkMs = -70;
        let id = 0;
        for (const one of [...steps, { is: "watermark" as const, by: 200, subtasks: undefined }]) {
          if (one.is === "rows") {
            const rows = one.rows.map(({ key, value, maybe, name, time }): PlainRow => {
              return {
                key: isText ? `key ${key}` : key,
                value,
                maybe,
                name,
                id: id++,
                $time: watermarkMs + time,
              };
            });
            for (const row of rows) reference.add(row.key, row);
            cluster.rows(rows);
          } else if (one.is === "watermark") {
            watermarkMs += one.by;
            raise(watermarkMs, one.subtasks);
          } else {
            late.push(...cluster.take("late"));
            cluster.restore(one.parallelism);
            watermarkMs -= one.from; // The restored stream's time begins anew, from further back.
          }
          assert.deepEqual(cluster.take(), inOrder(reference.take().map(expected)));
          late.push(...cluster.take("late"));
        }
        assert.deepEqual(inOrder(late), inOrder(reference.late));
      },
    ),
    { numRuns: 300 },
  );
});

const counted: WindowAggregateConfig = {
  input: numbers,
  key: "key",
  window: { is: "tumbling", sizeMs: 10 },
  aggregates: [
    { is: "count", as: "count" },
    { is: "max", column: "maybe", as: "max" },
    { is: "first", column: "value", as: "first" },
    { is: "last", column: "value", as: "last" },
  ],
};
const row = (key: number, $time: number, value = 0): PlainRow => ({
  key,
  value,
  maybe: null,
  name: "",
  $time,
});

test("a window fires when the watermark reaches its end and no sooner", () => {
  const harness = new OperatorHarness(windowAggregate(counted)).rows(numbers, [row(1, 9)]);
  assert.deepEqual(harness.watermark(9).take(), []);
  assert.equal(harness.watermark(10).take().length, 1);
});

test("a fired window does not fire again when the restored stream's time rises from the beginning, nor for its records", () => {
  const before = new OperatorHarness(windowAggregate(counted))
    .rows(numbers, [row(1, 5), row(1, 15)])
    .watermark(10);
  assert.equal(before.take().length, 1);
  const after = new OperatorHarness(windowAggregate(counted), { restore: [before.snapshot()] });
  after
    .rows(numbers, [row(1, 5)])
    .watermark(3)
    .watermark(12);
  assert.deepEqual(after.take(), []);
  assert.deepEqual(after.operator.metrics?.(), { lateRecords: 1 });
  assert.deepEqual(
    after
      .end()
      .take()
      .map(({ windowStart, count }) => [windowStart, count]),
    [[10, 1]],
  );
});

test("first and last go by event time, whatever the order of arrival, and across slices", () => {
  const sliding = { ...counted, window: { is: "sliding", sizeMs: 20, slideMs: 10 } } as const;
  const rows = [row(1, 15, 4), row(1, 3, 2), row(1, 1, 1), row(1, 9, 3)];
  const results = new OperatorHarness(windowAggregate(sliding)).rows(numbers, rows).end().take();
  assert.deepEqual(
    results.map(({ windowStart, first, last }) => [windowStart, first, last]),
    [
      [-10, 1, 3],
      [0, 1, 4],
      [10, 4, 4],
    ],
  );
});

test("of equal times, first is the one that came first and last the one that came last", () => {
  const rows = [row(1, 5, 1), row(1, 5, 2), row(1, 5, 3)];
  const [result] = new OperatorHarness(windowAggregate(counted)).rows(numbers, rows).end().take();
  assert.deepEqual([result?.first, result?.last], [1, 3]);
});

test("a record that comes to a slice which was merged already is in the windows to come", () => {
  const long = { ...counted, window: { is: "sliding", sizeMs: 64, slideMs: 1 } } as const;
  const harness = new OperatorHarness(windowAggregate(long));
  for (let time = 0; time < 64; time++) harness.rows(numbers, [row(1, time)]);
  harness
    .watermark(64)
    .rows(numbers, [row(1, 32)])
    .take();
  assert.deepEqual(
    harness
      .watermark(66)
      .take()
      .map(({ windowStart, count }) => [windowStart, count]),
    [
      [1, 64],
      [2, 63],
    ],
  );
});

test("a reduce keeps the first record of a key and changes it by each that follows", () => {
  const reduced: WindowAggregateConfig = {
    ...counted,
    window: { is: "sliding", sizeMs: 20, slideMs: 10 },
    aggregates: [
      {
        is: "reduce",
        reduce: (kept, { value, name }) => {
          kept.value += value;
          kept.name += name;
        },
      },
    ],
  };
  const rows = [1, 2, 3].map(
    (value): PlainRow => ({ ...row(7, value * 4, value), name: `${value}`, maybe: value }),
  );
  const results = new OperatorHarness(windowAggregate(reduced)).rows(numbers, rows).end().take();
  assert.deepEqual(
    results.map(({ windowStart, value, name, maybe }) => [windowStart, value, name, maybe]),
    [
      [-10, 3, "12", 1],
      [0, 6, "123", 1],
      [10, 3, "3", 3],
    ],
  );
});

test("a window of a thousand slices gives what adding up by hand gives", () => {
  const long = { ...counted, window: { is: "sliding", sizeMs: 1000, slideMs: 1 } } as const;
  const times = Array.from({ length: 300 }, (_, index) => (index * 37) % 2500);
  const harness = new OperatorHarness(windowAggregate(long));
  for (const time of times) harness.rows(numbers, [row(1, time)]);
  for (let watermarkMs = 0; watermarkMs < 4000; watermarkMs += 100) {
    harness.watermark(watermarkMs);
    for (const { windowStart, windowEnd, count } of harness.take()) {
      const inside = times.filter((time) => time >= (windowStart as number) && time < (windowEnd as number));
      assert.equal(count, inside.length);
    }
  }
});

test("partial results made before an exchange, flushed at every barrier and watermark, merge to the same windows", () => {
  const config: WindowAggregateConfig = {
    ...counted,
    window: { is: "sliding", sizeMs: 10, slideMs: 4 },
    aggregates: aggregates.slice(0, 6),
  };
  assert.ok(canPreAggregate(config));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.infiniteStream(fc.boolean()), (steps, barriers) => {
      const whole = new OperatorHarness(windowAggregate(config));
      const pre = new OperatorHarness(windowPreAggregate(config));
      const final = new OperatorHarness(windowAggregate(config));
      const send = () => final.batch(batchOf(preAggregateOutput(config), pre.take()), 1);
      let watermarkMs = -70;
      for (const one of steps) {
        if (one.is === "rows") {
          const rows = one.rows.map(
            ({ time, ...rest }): PlainRow => ({ ...rest, $time: watermarkMs + 30 + time }),
          );
          const onTime = rows.filter(({ $time }) => $time! >= watermarkMs);
          whole.rows(numbers, onTime);
          pre.rows(numbers, onTime);
        } else if (one.is === "watermark") {
          watermarkMs += one.by;
          whole.watermark(watermarkMs);
          pre.watermark(watermarkMs);
          send();
          final.watermark(watermarkMs);
        }
        if (barriers.next().value) {
          pre.snapshot();
          send();
        }
      }
      whole.end();
      pre.end();
      send();
      assert.deepEqual(inOrder(final.end().take()), inOrder(whole.take()));
    }),
  );
});

test("records before the exchange are gathered until a window needs them: a thousand of one key go out as one", () => {
  const pre = new OperatorHarness(windowPreAggregate(counted));
  const rows = Array.from({ length: 1000 }, () => row(1, 4));
  pre.rows(numbers, rows.slice(0, 500)).watermark(9).rows(numbers, rows.slice(500));
  assert.deepEqual(pre.take(), []);
  const sent = pre.watermark(10).take();
  assert.deepEqual(
    sent.map(({ key, accumulator0, $time }) => [key, accumulator0, $time]),
    [[1, 1000, 0]],
  );
});

test("before a barrier everything gathered is sent, so that nothing need be kept", () => {
  const pre = new OperatorHarness(windowPreAggregate(counted)).rows(numbers, [row(1, 4), row(2, 14)]);
  assert.deepEqual(pre.snapshot().part.operators[0]?.segments, []);
  assert.equal(pre.take().length, 2);
});

test("aggregates that keep text, late outputs and allowed lateness are not split in two", () => {
  assert.ok(canPreAggregate(counted));
  assert.ok(!canPreAggregate({ ...counted, latenessMs: 1 }));
  assert.ok(!canPreAggregate({ ...counted, late: true }));
  assert.ok(!canPreAggregate({ ...counted, aggregates: [{ is: "first", column: "name", as: "name" }] }));
});

test("an aggregate that cannot be is refused with the columns that there are", () => {
  const make =
    (...specs: AggregateSpec[]) =>
    () =>
      new OperatorHarness(windowAggregate({ ...counted, aggregates: specs }));
  assert.throws(make({ is: "sum", column: "vale", as: "x" }), { code: "unknown-column", message: /value/ });
  assert.throws(make({ is: "max", column: "name", as: "x" }), { code: "not-a-number", message: /utf8/ });
  assert.throws(make({ is: "count", as: "x" }, { is: "count", as: "x" }), { code: "column-twice" });
  assert.throws(make({ is: "count", as: "windowEnd" }), { code: "column-twice" });
  assert.throws(() => windowAggregate({ ...counted, key: "maybe" }), { code: "bad-key" });
  assert.throws(() => windowAggregate({ ...counted, window: { is: "tumbling", sizeMs: 0 } }), {
    code: "bad-window",
  });
  const harness = new OperatorHarness(windowAggregate(counted));
  assert.throws(() => harness.batch(batchOf(numbers, [{ ...row(1, 0), $time: Number.NaN }])), {
    code: "no-event-time",
  });
  assert.deepEqual(plainRows(batchOf(numbers, [])), []);
});
