import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Batch } from "./batch.ts";
import { BatchBuilder } from "./batch-builder.ts";
import { rowWriterOf } from "./row-writer.ts";
import { anySample, batchOf, expectedRows, rowsOf, writeRows } from "./rows-for-tests.ts";
import { schema } from "./schema.ts";

test("what is written row by row is read row by row, whatever the schema", () => {
  fc.assert(
    fc.property(anySample(), (sample) => {
      assert.deepEqual(rowsOf(batchOf(sample)), expectedRows(sample));
    }),
  );
});

test("ranges of batches come one behind the other, with and without nulls and event time", () => {
  fc.assert(
    fc.property(anySample(), fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 4 }), (sample, cuts) => {
      const batch = batchOf(sample);
      const builder = new BatchBuilder(sample.schema, 1);
      const expected = [];
      for (const [one, other] of cuts) {
        const ends = [one % (batch.rowCount + 1), other % (batch.rowCount + 1)] as const;
        const from = Math.min(...ends);
        const to = Math.max(...ends);
        builder.appendRange(batch, from, to);
        expected.push(...expectedRows(sample).slice(from, to));
      }
      assert.deepEqual(rowsOf(builder.finish()), expected);
    }),
  );
});

test("chosen rows come in the order in which they are chosen, doubles too", () => {
  fc.assert(
    fc.property(anySample(), fc.array(fc.nat(), { maxLength: 60 }), (sample, picks) => {
      const batch = batchOf(sample);
      const rows = Uint32Array.from(batch.rowCount === 0 ? [] : picks.map((pick) => pick % batch.rowCount));
      const builder = new BatchBuilder(sample.schema, 1);
      const from = Math.floor(rows.length / 3);
      builder.appendRows(batch, rows, from, rows.length);
      const expected = expectedRows(sample);
      assert.deepEqual(
        rowsOf(builder.finish()),
        [...rows.subarray(from)].map((row) => expected[row]),
      );
    }),
  );
});

test("a builder that is used again starts empty: no null, text, due time or event time of before is left", () => {
  fc.assert(
    fc.property(anySample(), anySample(), fc.boolean(), (before, rest, detaches) => {
      const sample = { ...before, rows: before.rows.slice(rest.rows.length), timesMs: before.timesMs };
      const builder = writeRows(before);
      builder.dueMs = 5;
      if (detaches) builder.detach();
      else builder.finish();
      const batch = writeRows(sample, builder).finish();
      assert.deepEqual(rowsOf(batch), expectedRows(sample));
      assert.ok(Number.isNaN(batch.dueMs));
    }),
  );
});

test("a detached batch stays as it is while the builder goes on", () => {
  fc.assert(
    fc.property(anySample(), (sample) => {
      const builder = writeRows(sample);
      const batch = builder.detach();
      writeRows({ ...sample, rows: sample.rows.toReversed(), timesMs: sample.rows.map(() => -1) }, builder);
      assert.deepEqual(rowsOf(batch), expectedRows(sample));
    }),
  );
});

test("a field that is set several times in a row has its last value, and its neighbours theirs", () => {
  const made = schema({ a: "utf8", b: "utf8?", n: "integer?", c: "bytes" });
  const builder = new BatchBuilder(made, 1);
  const row = rowWriterOf(made, builder);
  for (let index = 0; index < 3; index++) {
    row.$begin();
    row.a = "a long first text that must not shine through";
    row.b = "gone";
    row.n = 7;
    row.c = Uint8Array.of(1, 2, 3);
    row.a = `a${index}`;
    row.b = index === 1 ? null : "b";
    row.n = null;
    row.c = Uint8Array.of(index);
    row.$end(Number.NaN);
  }
  const batch = builder.finish();
  assert.deepEqual(
    rowsOf(batch).map(({ a, b, n, c }) => [a, b, n, c]),
    [
      ["a0", "b", null, [0]],
      ["a1", null, null, [1]],
      ["a2", "b", null, [2]],
    ],
  );
  assert.deepEqual(
    [...(batch.columns[2] as Float64Array).subarray(0, 3)],
    [0, 0, 0],
    "a null's slot is zero",
  );
  const { offsets } = batch.columns[1] as { offsets: Int32Array };
  assert.equal(offsets[2]! - offsets[1]!, 0, "a null's text is empty");
});

test("what a function does not set is null where it may be, else zero, false or empty", () => {
  const made = schema({ a: "utf8?", b: "utf8", c: "float64", d: "bool", e: "int32?" });
  const builder = new BatchBuilder(made, 1);
  const row = rowWriterOf(made, builder);
  row.$begin();
  row.b = "once";
  row.c = 4;
  row.$end(1);
  row.$begin();
  row.$end(2);
  assert.deepEqual(rowsOf(builder.finish())[1], { $time: 2, a: null, b: "", c: 0, d: false, e: null });
});

const timed = schema({ at: "timestamp", n: "integer" });

function timedBatch(values: number[], times: "column" | "own" | "none"): Batch {
  const at = Float64Array.from(values);
  const own = times === "own" ? at.map((ms) => ms + 0.5) : undefined;
  return new Batch(timed, values.length, [at, at.slice()], times === "column" ? at : own);
}

test("event times that are a column stay that column, and are copied only where batches differ", () => {
  const all = ["column", "own", "none"] as const;
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      (kinds, byRow) => {
        const builder = new BatchBuilder(timed, 2);
        const expected: number[] = [];
        for (const kind of kinds) {
          const batch = timedBatch([expected.length, expected.length + 1], kind);
          if (byRow) builder.appendRows(batch, Uint32Array.of(0, 1), 0, 2);
          else builder.appendRange(batch, 0, 2);
          const shift = { column: 0, own: 0.5, none: Number.NaN }[kind];
          expected.push(expected.length + shift, expected.length + 1 + shift);
        }
        const batch = builder.finish();
        assert.deepEqual(
          rowsOf(batch).map((row) => row.$time),
          expected,
        );
        if (kinds.every((kind) => kind === "column")) assert.equal(batch.times, batch.columns[0]);
        if (kinds.every((kind) => kind === "none")) assert.equal(batch.times, undefined);
      },
    ),
  );
});

test("rows ended one by one and in bulk may follow ranges, each with its own event time", () => {
  const builder = new BatchBuilder(timed, 1);
  builder.appendRange(timedBatch([10, 11], "column"), 0, 2);
  builder.reserve(4);
  builder.endRow(3);
  builder.endRows(2, 4);
  builder.endRow(Number.NaN);
  assert.deepEqual(
    rowsOf(builder.finish()).map((row) => row.$time),
    [10, 11, 3, 4, 4, Number.NaN],
  );
});

test("a builder's due time is the earliest of what it took", () => {
  const builder = new BatchBuilder(timed);
  for (const dueMs of [Number.NaN, 7, 5, 9, Number.NaN]) {
    const batch = timedBatch([1], "none");
    batch.dueMs = dueMs;
    builder.appendRange(batch, 0, 1);
  }
  assert.equal(builder.finish().dueMs, 5);
});
