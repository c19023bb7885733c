import assert from "node:assert/strict";
import { test } from "node:test";
import { schema } from "../records/schema.ts";
import type { AggregateSpec } from "./aggregates/aggregate-spec.ts";
import { OperatorHarness, type PlainRow } from "./operator-harness-for-tests.ts";
import { everyEventTime, everyProcessingTime, onCount, purging, type Trigger } from "./trigger.ts";
import { windowOperator } from "./window-operator.ts";
import type { WindowContents, WindowOperatorConfig } from "./window-operator-config.ts";

const input = schema({ key: "utf8", value: "integer" });
const listed: WindowContents = {
  is: "rows",
  output: { key: "utf8", start: "float64", end: "float64", values: "utf8" },
  process(rows, { startMs, endMs }, out) {
    const values: number[] = [];
    let key = "";
    for (const row of rows) {
      values.push(row.value as number);
      key = row.key as string;
    }
    assert.equal(values.length, rows.count);
    out.emit({ key, start: startMs, end: endMs, values: values.join() });
  },
};
const summed: AggregateSpec[] = [
  { is: "count", as: "count" },
  { is: "min", column: "value", as: "least" },
];
const row = (key: string, value: number, $time?: number): PlainRow =>
  $time === undefined ? { key, value } : { key, value, $time };
const harnessOf = (config: Omit<WindowOperatorConfig, "input" | "key">) =>
  new OperatorHarness(windowOperator({ input, key: "key", ...config }));

test("a window of a count gives every so many records of a key, and across a restore", () => {
  const config: WindowOperatorConfig = {
    input,
    key: "key",
    window: { is: "count", size: 3 },
    contents: listed,
  };
  const before = new OperatorHarness(windowOperator(config));
  before.rows(input, [row("a", 1), row("b", 2), row("a", 3)]);
  const after = new OperatorHarness(windowOperator(config), { restore: [before.snapshot()] });
  after.rows(input, [row("a", 4), row("a", 5), row("b", 6), row("b", 7)]).end();
  assert.deepEqual(
    after.take().map(({ key, values }) => [key, values]),
    [
      ["a", "1,3,4"],
      ["b", "2,6,7"],
    ],
  );
});

test("a count that slides gives the newest records each time, aggregated as well", () => {
  const rows = [1, 2, 3, 4, 5, 6, 7].map((value) => row("a", value));
  const window = { is: "count", size: 3, slide: 2 } as const;
  const lists = harnessOf({ window, contents: listed }).rows(input, rows).take();
  assert.deepEqual(
    lists.map(({ values }) => values),
    ["1,2", "2,3,4", "4,5,6"],
  );
  const sums = harnessOf({ window, contents: { is: "aggregates", aggregates: summed } })
    .rows(input, rows)
    .take();
  assert.deepEqual(
    sums.map(({ count, least }) => [count, least]),
    [
      [2, 1],
      [3, 2],
      [3, 4],
    ],
  );
});

test("a global window gives what its trigger says, and only a purge makes it forget", () => {
  const rows = [1, 2, 3, 4].map((value) => row("a", value, value));
  const fire = (trigger: Trigger) =>
    harnessOf({ window: { is: "global" }, contents: listed, trigger })
      .rows(input, rows)
      .take()
      .map(({ values, $time }) => [values, $time]);
  assert.deepEqual(fire(onCount(2)), [
    ["1,2", 2],
    ["1,2,3,4", 4],
  ]);
  assert.deepEqual(fire(purging(onCount(2))), [
    ["1,2", 2],
    ["3,4", 4],
  ]);
  assert.deepEqual(
    harnessOf({ window: { is: "global" }, contents: listed })
      .rows(input, rows)
      .end()
      .take(),
    [],
  );
});

test("aggregates that are purged begin anew", () => {
  const contents: WindowContents = { is: "aggregates", aggregates: summed };
  const harness = harnessOf({ window: { is: "global" }, contents, trigger: purging(onCount(2)) });
  harness.rows(input, [row("a", 1), row("b", 9), row("a", 2), row("a", 8), row("a", 7)]);
  assert.deepEqual(harness.take(), [
    { key: "a", count: 2, least: 1 },
    { key: "a", count: 2, least: 7 },
  ]);
});

test("a window of processing time ends by the clock, and with the input", () => {
  const contents: WindowContents = { is: "aggregates", aggregates: summed };
  const harness = harnessOf({ window: { is: "processing-tumbling", sizeMs: 10 }, contents });
  harness.clock(4).rows(input, [row("a", 1), row("a", 2)]);
  assert.equal(harness.operator.nextWakeMs?.(), 10);
  assert.deepEqual(harness.clock(9).take(), []);
  assert.deepEqual(harness.clock(12).take(), [
    { key: "a", windowStart: 0, windowEnd: 10, count: 2, least: 1, $time: 9 },
  ]);
  assert.equal(harness.operator.nextWakeMs?.(), Number.POSITIVE_INFINITY);
  harness.rows(input, [row("a", 5)]);
  assert.deepEqual(
    harness
      .end()
      .take()
      .map(({ windowStart, count }) => [windowStart, count]),
    [[10, 1]],
  );
});

test("a trigger of event time fires at every interval, at the window's end, and then no more", () => {
  const harness = harnessOf({
    window: { is: "tumbling", sizeMs: 25 },
    contents: listed,
    trigger: everyEventTime(10),
  });
  const firings: unknown[] = [];
  harness.rows(input, [row("a", 1, 3)]);
  for (const watermarkMs of [9, 10, 11, 20, 24, 25, 40]) {
    if (watermarkMs === 11) harness.rows(input, [row("a", 2, 12)]);
    for (const { values } of harness.watermark(watermarkMs).take()) firings.push([watermarkMs, values]);
  }
  assert.deepEqual(firings, [
    [10, "1"],
    [20, "1,2"],
    [25, "1,2"],
  ]);
  harness.rows(input, [row("b", 1, 50)]);
  assert.equal(harness.end().take().length, 2); // Once for what passed, once for the end.
});

test("a trigger of the clock fires at every interval as long as the window is there", () => {
  const harness = harnessOf({
    window: { is: "tumbling", sizeMs: 25 },
    contents: listed,
    trigger: everyProcessingTime(10),
  });
  harness.clock(3).rows(input, [row("a", 1, 3)]);
  assert.deepEqual(harness.clock(25).take().length, 2);
  harness.watermark(25);
  assert.deepEqual(harness.clock(100).take(), []);
});

test("a trigger that would be called forever is refused, and so is one that cannot merge sessions", () => {
  const stuck: Trigger = {
    cells: 0,
    onElement(pane) {
      pane.eventTimerMs = 5;
      return "continue";
    },
    onEventTime(pane) {
      pane.eventTimerMs = 5;
      return "continue";
    },
  };
  const harness = harnessOf({ window: { is: "global" }, contents: listed, trigger: stuck });
  assert.throws(() => harness.rows(input, [row("a", 1, 1)]).watermark(6), { code: "bad-trigger" });
  assert.throws(() => harnessOf({ window: { is: "session", gapMs: 5 }, contents: listed, trigger: stuck }), {
    code: "bad-window",
    message: /merge/,
  });
  assert.throws(() => harnessOf({ window: { is: "session", gapMs: 0 }, contents: listed }), {
    code: "bad-window",
  });
});

test("a session's function can write to a side output, at the event time of its window", () => {
  const note = schema({ count: "integer" });
  const contents: WindowContents = {
    is: "rows",
    output: { key: "utf8" },
    sides: { notes: note },
    process: (rows, window) => window.side("notes").emit({ count: rows.count }),
  };
  const harness = harnessOf({ window: { is: "session", gapMs: 10 }, contents });
  harness.rows(input, [row("a", 1, 0), row("a", 2, 9), row("a", 3, 19)]).end();
  assert.deepEqual(harness.take("notes"), [
    { count: 2, $time: 18 },
    { count: 1, $time: 28 },
  ]);
});

test("records may bring the gap of their session with them", () => {
  const gapped = schema({ key: "utf8", value: "integer", gap: "integer?" });
  const window = { is: "session", gapMs: 10, gapColumn: "gap" } as const;
  const harness = new OperatorHarness(
    windowOperator({ input: gapped, key: "key", window, contents: { is: "aggregates", aggregates: summed } }),
  );
  const gaps = [30, null, 5, 0];
  harness.rows(
    gapped,
    gaps.map((gap, index) => ({ ...row("a", index, [0, 25, 34, 50][index]!), gap })),
  );
  assert.deepEqual(
    harness
      .end()
      .take()
      .map(({ windowStart, windowEnd, count }) => [windowStart, windowEnd, count]),
    [
      [0, 39, 3],
      [50, 60, 1],
    ],
  );
});

test("a key's sessions come in the order of time, whichever began to be kept first", () => {
  const harness = harnessOf({ window: { is: "session", gapMs: 10 }, contents: listed });
  harness.rows(input, [row("a", 1, 100), row("a", 2, 50), row("a", 3, 0)]).end();
  assert.deepEqual(
    harness.take().map(({ start }) => start),
    [0, 50, 100],
  );
});
