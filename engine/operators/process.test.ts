import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { schema } from "../records/schema.ts";
import { keyGroupsOfColumn } from "../state/key-groups.ts";
import type { Operator } from "./operator.ts";
import { type HarnessSnapshot, OperatorHarness, type PlainRow } from "./operator-harness-for-tests.ts";
import type { ProcessFunction } from "./process/functions.ts";
import { aggregating, list, map, reducing, type StateSpecs, value } from "./process/state-specs.ts";
import { keyedProcess } from "./process.ts";

const input = schema({ key: "utf8", number: "integer" });
const output = schema({ key: "utf8", text: "utf8" });
type In = typeof input.fields;
type Out = typeof output.fields;

const process = <Specs extends StateSpecs>(user: ProcessFunction<In, Out, string, Specs>): Operator =>
  keyedProcess({ input, key: "key", output, function: user as unknown as ProcessFunction });

const rowsOf = (...rows: readonly [string, number][]): PlainRow[] =>
  rows.map(([key, number]) => ({ key, number, $time: number }));
const texts = (harness: OperatorHarness): string[] =>
  harness.take().map(({ key, text }) => `${key as string}:${text as string}`);

const everyKind = () =>
  process({
    state: {
      seen: value({ count: "integer", last: "utf8?" }),
      numbers: list("integer"),
      byParity: map("utf8", { count: "integer" }),
      total: reducing("float64", (total, number) => total + number),
      mean: aggregating({
        accumulator: { sum: "float64", count: "int32" },
        add: (accumulator, number: number) => {
          accumulator.sum += number;
          accumulator.count += 1;
        },
        result: ({ sum, count }) => sum / count,
      }),
    },
    onRow({ number }, { key, state }, out) {
      if (number < 0) {
        state.seen.$clear();
        state.numbers.clear();
        state.byParity.clear();
        state.total.clear();
        state.mean.clear();
        return;
      }
      const parity = number % 2 === 0 ? "even" : "odd";
      const before = state.seen.$isSet ? `${state.seen.count}/${state.seen.last}` : "new";
      state.seen.count += 1;
      state.seen.last = number % 3 === 0 ? null : `${number}`;
      state.numbers.add(number);
      if (number % 5 === 0) state.byParity.delete(parity);
      else state.byParity.set(parity, { count: (state.byParity.get(parity)?.count ?? 0) + 1 });
      state.total.add(number);
      state.mean.add(number);
      const parities = state.byParity.entries().map(([name, { count }]) => `${name}${count}`);
      const text = [before, state.numbers.get(), parities.sort(), state.total.get(), state.mean.get()];
      out.emit({ key, text: JSON.stringify(text) });
    },
  });

type Kept = { count: number; last: string | null; numbers: number[]; parities: Map<string, number> };

/** The same with plain objects. */
function reference(rows: readonly [string, number][]): string[] {
  const kept = new Map<string, Kept>();
  return rows.flatMap(([key, number]) => {
    if (number < 0) {
      kept.delete(key);
      return [];
    }
    const known = kept.get(key);
    const before = known ? `${known.count}/${known.last}` : "new";
    const state: Kept = known ?? { count: 0, last: null, numbers: [], parities: new Map() };
    kept.set(key, state);
    state.count += 1;
    state.last = number % 3 === 0 ? null : `${number}`;
    state.numbers.push(number);
    const parity = number % 2 === 0 ? "even" : "odd";
    if (number % 5 === 0) state.parities.delete(parity);
    else state.parities.set(parity, (state.parities.get(parity) ?? 0) + 1);
    const total = state.numbers.reduce((sum, one) => sum + one, 0);
    const parities = [...state.parities].map(([name, count]) => `${name}${count}`).sort();
    return [
      `${key}:${JSON.stringify([before, state.numbers, parities, total, total / state.numbers.length])}`,
    ];
  });
}

const keys = fc.constantFrom("a", "b", "Ärmel", "", "a longer key that is not inlined");
const someRows = fc.array(fc.tuple(keys, fc.integer({ min: -2, max: 20 })), { maxLength: 80 });

test("every kind of state holds what plain objects would, whatever the batches", () => {
  fc.assert(
    fc.property(someRows, fc.integer({ min: 1, max: 90 }), (rows, batchRows) => {
      const harness = new OperatorHarness(everyKind());
      for (let at = 0; at < rows.length; at += batchRows) {
        harness.rows(input, rowsOf(...rows.slice(at, at + batchRows)));
      }
      assert.deepEqual(texts(harness), reference(rows));
    }),
  );
});

test("a restored function goes on with every kind of state, at another parallelism too", () => {
  fc.assert(
    fc.property(someRows, someRows, fc.integer({ min: 1, max: 3 }), (before, after, parallelism) => {
      const first = new OperatorHarness(everyKind());
      first.rows(input, rowsOf(...before));
      const restore: HarnessSnapshot[] = [first.snapshot()];
      const wanted = reference([...before, ...after]).slice(reference(before).length);
      const results = Array.from({ length: parallelism }, (_, subtask) => {
        const harness = new OperatorHarness(everyKind(), { subtask, parallelism, restore });
        for (const row of after) {
          if (harness.keyGroups.includes(groupOf(row[0]))) harness.rows(input, rowsOf(row));
        }
        return texts(harness);
      });
      assert.deepEqual(results.flat().sort(), wanted.sort());
    }),
    { numRuns: 40 },
  );
});

test("an event timer fires once all records of its time have come, in order of time, and can be deleted", () => {
  const harness = new OperatorHarness(
    process({
      onRow({ number }, { timers }) {
        timers.event(number);
        timers.event(number);
        if (number === 7) timers.deleteEvent(5);
      },
      onTimer: (timeMs, { key }, out) => out.emit({ key, text: `${timeMs}` }),
    }),
  );
  harness.rows(input, rowsOf(["a", 9], ["b", 5], ["a", 5], ["a", 7], ["c", 20]));
  harness.watermark(5);
  assert.deepEqual(texts(harness), []);
  harness.watermark(6);
  assert.deepEqual(harness.take(), [{ key: "b", text: "5", $time: 5 }]);
  harness.watermark(15);
  assert.deepEqual(texts(harness), ["a:7", "a:9"]);
  harness.end();
  assert.deepEqual(texts(harness), ["c:20"]);
});

test("timers survive a restore, and state is at hand in them", () => {
  const counting = () =>
    process({
      state: { seen: value({ count: "integer" }) },
      onRow(_row, { state, timers, nowMs }) {
        state.seen.count += 1;
        timers.processing(nowMs + 10);
        timers.event(100);
      },
      onTimer(timeMs, { key, state }, out, of) {
        out.emit({ key, text: `${of} ${timeMs} ${state.seen.count}` });
        if (of === "event") state.seen.$clear();
      },
    });
  const first = new OperatorHarness(counting());
  first.rows(input, rowsOf(["a", 1], ["a", 2]));
  const second = new OperatorHarness(counting(), { restore: [first.snapshot()] });
  assert.deepEqual(texts(second.clock(9)), []);
  assert.deepEqual(texts(second.clock(10)), ["a:processing 10 2"]);
  assert.deepEqual(texts(second.end()), ["a:event 100 2"]);
  second.nowMs = 50;
  second.rows(input, rowsOf(["a", 3]));
  assert.deepEqual(texts(second.clock(60)), ["a:processing 60 1"]);
});

test("side outputs take rows of their own schema with the time of what set them off", () => {
  const odd = schema({ number: "integer" });
  const harness = new OperatorHarness(
    keyedProcess({
      input,
      key: "key",
      output,
      sides: { odd },
      function: {
        onRow(row, context) {
          if (Number(row.number) % 2 === 1) context.side("odd").emit({ number: Number(row.number) });
          if (row.number === 8) context.side("even");
        },
      },
    }),
  );
  harness.rows(input, rowsOf(["a", 1], ["a", 2], ["b", 3]));
  assert.deepEqual(harness.take("odd"), [
    { number: 1, $time: 1 },
    { number: 3, $time: 3 },
  ]);
  assert.throws(() => harness.rows(input, rowsOf(["a", 8])), /no side output "even"; declared are: odd/);
});

test("columns of state may have any name", () => {
  const names = ["at", "rows", "flags", "until", "float640", "table", "row", "value"] as const;
  const fields = Object.fromEntries(names.map((name) => [name, "integer"])) as Record<
    (typeof names)[number],
    "integer"
  >;
  const harness = new OperatorHarness(
    process({
      state: { kept: value(fields, { ttlMs: 5 }) },
      onRow({ number }, { key, state }, out) {
        for (const [at, name] of names.entries()) state.kept[name] += number + at;
        out.emit({ key, text: names.map((name) => state.kept[name]).join(" ") });
      },
    }),
  );
  assert.deepEqual(texts(harness.rows(input, rowsOf(["a", 1], ["a", 2]))), [
    "a:1 2 3 4 5 6 7 8",
    "a:3 5 7 9 11 13 15 17",
  ]);
});

test("a function that sets timers without onTimer is refused", () => {
  const harness = new OperatorHarness(process({ onRow: (_row, { timers }) => timers.event(1) }));
  assert.throws(() => harness.rows(input, rowsOf(["a", 1])), /needs onTimer/);
});

/** The key group of a text key, by where the harness of many subtasks routes it. */
function groupOf(key: string): number {
  const into = new Uint16Array(1);
  const bytes = new TextEncoder().encode(key);
  keyGroupsOfColumn("utf8", { bytes, offsets: Int32Array.of(0, bytes.length) }, 1, 128, into);
  return into[0]!;
}
