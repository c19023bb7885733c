/** A savepoint whose state means something else is refused, though the columns are as many and of the same kinds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fields, schema } from "../records/schema.ts";
import type { WindowSpec } from "../time/window-spec.ts";
import type { AggregateSpec } from "./aggregates/aggregate-spec.ts";
import { asyncCall } from "./async-call.ts";
import { intervalJoin } from "./interval-join.ts";
import { keyedColumn } from "./keyed-column.ts";
import type { Operator } from "./operator.ts";
import { type HarnessSnapshot, OperatorHarness } from "./operator-harness-for-tests.ts";
import { type AnyStateSpec, aggregating, map, reducing, value } from "./process/state-specs.ts";
import { keyedProcess } from "./process.ts";
import { topOfWindow } from "./top-of-window.ts";
import { onCount } from "./trigger.ts";
import { windowAggregate } from "./window-aggregate.ts";
import { windowJoin } from "./window-join.ts";
import { windowOperator } from "./window-operator.ts";
import type { WindowContents } from "./window-operator-config.ts";

const input = schema({ key: "utf8", x: "integer", y: "integer", f: "float64", t: "utf8", b: "bytes" });

const keeping = (kept: AnyStateSpec): Operator =>
  keyedProcess({ input, key: "key", output: input, function: { state: { kept }, onRow: () => undefined } });
const summing = (accumulator: Fields): AnyStateSpec =>
  aggregating({ accumulator, add: () => undefined, result: () => 0 });
const numbers = (...state: string[]): Operator =>
  keyedColumn({ input, key: "key", output: input, column: "x", state, each: () => 0 });
const minute: WindowSpec = { is: "tumbling", sizeMs: 60_000 };
type TimeWindow = Extract<WindowSpec, { is: "tumbling" | "sliding" }>;
const aggregated = (aggregates: readonly AggregateSpec[], window: TimeWindow = minute): Operator =>
  windowAggregate({ input, key: "key", window, aggregates });
const windowed = (window: WindowSpec, contents: WindowContents, cells = 0): Operator =>
  windowOperator({
    input,
    key: "key",
    window,
    contents,
    trigger: { ...onCount(2), cells },
  });
const joined = (window: TimeWindow | Extract<WindowSpec, { is: "session" }>): Operator =>
  windowJoin({
    left: input,
    right: input,
    leftKey: "key",
    rightKey: "key",
    window,
    result: { is: "columns", left: [{ column: "x", as: "x" }], right: [] },
  });
const within = (lowerMs: number, upperMs: number): Operator =>
  intervalJoin({
    left: input,
    right: input,
    leftKey: "key",
    rightKey: "key",
    lowerMs,
    upperMs,
    result: { left: [{ column: "x", as: "x" }], right: [] },
  });
const asking = (asked: Fields): Operator =>
  asyncCall({
    input: schema(asked),
    output: input,
    ordered: true,
    capacity: 1,
    timeoutMs: 1,
    call: async () => [],
  });

const sum = (column: string): AggregateSpec => ({ is: "sum", column, as: `sum_${column}` });
const min = (column: string): AggregateSpec => ({ is: "min", column, as: `min_${column}` });
const top = (by: string, take: readonly string[], ties: readonly string[] = []): AggregateSpec => ({
  is: "argMax",
  by,
  ties,
  take,
});
const custom = (accumulator: Fields): AggregateSpec => ({
  is: "custom",
  accumulator,
  add: () => undefined,
  merge: () => undefined,
  output: { made: "integer" },
  result: () => undefined,
});
const sums: WindowContents = { is: "aggregates", aggregates: [sum("x"), sum("y")] };
const rows: WindowContents = { is: "rows", output: { key: "utf8" }, process: () => undefined };

const changes: readonly [what: string, before: () => Operator, after: () => Operator, told: RegExp][] = [
  [
    "fields of a value in another order",
    () => keeping(value({ count: "integer", last: "integer" })),
    () => keeping(value({ last: "integer", count: "integer" })),
    /state "kept" of operator "operator".*meaning was count: integer, last: integer and is now last: integer, count: integer/,
  ],
  [
    "a field that may be null now",
    () => keeping(value({ count: "integer" })),
    () => keeping(value({ count: "integer?" })),
    /meaning was count: integer and is now count: integer\?/,
  ],
  [
    "other fields of a value",
    () => keeping(value({ count: "integer", name: "utf8" })),
    () => keeping(value({ price: "float64", raw: "bytes" })),
    /meaning was count: integer, name: utf8 and is now price: float64, raw: bytes/,
  ],
  [
    "another key of a map",
    () => keeping(map("utf8", "integer")),
    () => keeping(map("integer", "integer")),
    /meaning was map by utf8 of value: integer and is now map by integer of value: integer/,
  ],
  [
    "other values of a map",
    () => keeping(map("utf8", "integer")),
    () => keeping(map("utf8", "float64")),
    /map by utf8 of value: float64/,
  ],
  [
    "another type of a total",
    () => keeping(reducing("integer", (total) => total)),
    () => keeping(reducing("float64", (total) => total)),
    /meaning was total: integer and is now total: float64/,
  ],
  [
    "fields of an accumulator in another order",
    () => keeping(summing({ sum: "float64", count: "float64" })),
    () => keeping(summing({ count: "float64", sum: "float64" })),
    /meaning was sum: float64, count: float64 and is now/,
  ],
  [
    "numbers of a key in another order",
    () => numbers("a", "b"),
    () => numbers("b", "a"),
    /a, b and is now b, a/,
  ],
  [
    "aggregates in another order",
    () => aggregated([sum("x"), min("y")]),
    () => aggregated([min("y"), sum("x")]),
    /state "slices".*; sum\(x: integer\), min\(y: integer\) and is now .*; min\(y: integer\), sum\(x: integer\)/,
  ],
  [
    "an aggregate of another column",
    () => aggregated([sum("x")]),
    () => aggregated([sum("y")]),
    /sum\(y: integer\)/,
  ],
  [
    "another kind of aggregate",
    () => aggregated([{ is: "first", column: "x", as: "x" }]),
    () => aggregated([{ is: "last", column: "x", as: "x" }]),
    /first\(x: integer\) and is now .*last\(x: integer\)/,
  ],
  [
    "another column that leads",
    () => aggregated([top("x", ["t"], ["y"])]),
    () => aggregated([top("y", ["b"], ["x"])]),
    /argMax\(x: integer, ties y: integer, takes t: utf8\) and is now .*argMax\(y: integer, ties x: integer, takes b: bytes\)/,
  ],
  [
    "another accumulator of a person's own",
    () => aggregated([custom({ n: "integer", m: "float64" })]),
    () => aggregated([custom({ m: "float64", n: "integer" })]),
    /custom\(n: integer, m: float64\) and is now .*custom\(m: float64, n: integer\)/,
  ],
  [
    "windows of another size",
    () => aggregated([sum("x")]),
    () => aggregated([sum("x")], { is: "tumbling", sizeMs: 7_000 }),
    /tumbling windows of 60000 ms; sum\(x: integer\) and is now tumbling windows of 7000 ms;/,
  ],
  [
    "windows of another offset",
    () => aggregated([sum("x")]),
    () => aggregated([sum("x")], { is: "tumbling", sizeMs: 60_000, offsetMs: 1_000 }),
    /60000 ms, offset 1000 ms/,
  ],
  [
    "windows that slide otherwise",
    () => aggregated([sum("x")], { is: "sliding", sizeMs: 60_000, slideMs: 20_000 }),
    () => aggregated([sum("x")], { is: "sliding", sizeMs: 60_000, slideMs: 30_000 }),
    /every 20000 ms.*every 30000 ms/,
  ],
  [
    "panes with other aggregates",
    () => windowed(minute, sums),
    () => windowed(minute, { is: "aggregates", aggregates: [sum("y"), sum("x")] }),
    /state "panes".*sum\(x: integer\), sum\(y: integer\) and is now .*sum\(y: integer\), sum\(x: integer\)/,
  ],
  [
    "panes with a cell of the trigger in place of an aggregate",
    () => windowed(minute, sums, 1),
    () => windowed(minute, { is: "aggregates", aggregates: [sum("x")] }, 2),
    /1 trigger cells.*2 trigger cells/,
  ],
  [
    "sessions with another gap",
    () => windowed({ is: "session", gapMs: 10 }, rows, 1),
    () => windowed({ is: "session", gapMs: 20 }, rows, 1),
    /gap of 10 ms.*gap of 20 ms/,
  ],
  [
    "tumbling windows of processing time",
    () => windowed(minute, rows, 1),
    () => windowed({ is: "processing-tumbling", sizeMs: 60_000 }, rows, 1),
    /is now tumbling windows of 60000 ms of processing time/,
  ],
  [
    "a join over other windows",
    () => joined(minute),
    () => joined({ is: "tumbling", sizeMs: 7_000 }),
    /state "left".*60000 ms and is now tumbling windows of 7000 ms/,
  ],
  [
    "a join over sessions with another gap",
    () => joined({ is: "session", gapMs: 10 }),
    () => joined({ is: "session", gapMs: 20 }),
    /gap of 10 ms and is now sessions with a gap of 20 ms/,
  ],
  [
    "a join over another interval",
    () => within(-5_000, 5_000),
    () => within(0, 7_000),
    /state "left".*joined from -5000 to 5000 ms and is now joined from 0 to 7000 ms/,
  ],
  [
    "the largest of another column",
    () => topOfWindow({ input, by: "x", sizeMs: 60_000 }),
    () => topOfWindow({ input, by: "y", sizeMs: 60_000 }),
    /state "best".*largest x in tumbling windows of 60000 ms and is now largest y in/,
  ],
  [
    "questions of other columns",
    () => asking({ x: "integer" }),
    () => asking({ x: "float64" }),
    /state "unanswered".*meaning was x: integer and is now x: float64/,
  ],
];

const snapshotOf = (operator: Operator): HarnessSnapshot => new OperatorHarness(operator).snapshot();

/** As an engine wrote it that had no meanings. */
const withoutMeaning = ({ part, blobs }: HarnessSnapshot): HarnessSnapshot => {
  const operators = part.operators.map((one) => ({
    ...one,
    states: one.states.map(({ meaning: _, ...state }) => state),
  }));
  return { part: { ...part, operators }, blobs };
};

for (const [what, before, after, told] of changes) {
  test(`a savepoint is refused, with what it was and is: ${what}`, () => {
    // As it comes out of a manifest.
    const { part, blobs } = snapshotOf(before());
    const saved: HarnessSnapshot = { part: JSON.parse(JSON.stringify(part)), blobs };
    assert.throws(() => new OperatorHarness(after(), { restore: [saved] }), {
      code: "incompatible-state",
      message: told,
    });
    new OperatorHarness(before(), { restore: [saved] });
    new OperatorHarness(after(), { restore: [withoutMeaning(saved)] });
  });
}

test("another name of a result is no other state", () => {
  const saved = snapshotOf(aggregated([sum("x")]));
  const renamed = aggregated([{ is: "sum", column: "x", as: "whole" }]);
  new OperatorHarness(renamed, { restore: [saved] });
});
