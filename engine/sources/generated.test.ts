import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EngineError } from "../engine-error.ts";
import type { PlainRow } from "../operators/operator-harness-for-tests.ts";
import { type GeneratedSettings, generatedSchema, generatedSource } from "./generated.ts";
import { prunedTo, SourceHarness } from "./source-for-tests.ts";

const columns = ["key", "number", "payload"];
const harnessOf = (settings: GeneratedSettings, at = {}, names = columns) =>
  new SourceHarness(generatedSource(settings).make(names, prunedTo(generatedSchema, names), true), at);
const byNumber = (rows: PlainRow[]) =>
  [...rows].sort((one, other) => Number(one.number) - Number(other.number));

test("what a record holds depends on its number alone, at any parallelism and after any restore", () => {
  const settings = { keys: 50, count: 20_000, payloadBytes: 3, outOfOrderMs: 40, skew: 1 };
  const all = harnessOf(settings).rows();
  assert.deepEqual(
    all.map(({ number }) => number),
    [...Array(20_000).keys()],
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), (from, to) => {
      const first = Array.from({ length: from }, (_, subtask) =>
        harnessOf(settings, { subtask, parallelism: from }),
      );
      const before = first.flatMap((harness, subtask) => harness.rows(0, subtask % 3));
      const restore = first.flatMap((harness) => harness.snapshot());
      const after = Array.from({ length: to }, (_, subtask) =>
        harnessOf(settings, { subtask, parallelism: to, restore }).rows(),
      );
      assert.deepEqual(byNumber([...before, ...after.flat()]), all);
    }),
    { numRuns: 10 },
  );
});

test("no record is older than the watermark before it, however much out of order", () => {
  for (const settings of [
    { keys: 5, count: 30_000, outOfOrderMs: 100 },
    { keys: 5, count: 30_000, rate: 10_000, startMs: 500, outOfOrderMs: 30 },
  ]) {
    const { source } = harnessOf(settings, { subtask: 1, parallelism: 3 });
    let nowMs = 500;
    let rows = 0;
    let isOutOfOrder = false;
    for (;;) {
      const { watermarkMs } = source;
      const polled = source.poll(nowMs);
      if (polled.is === "end") break;
      assert.ok(polled.is !== "emitted");
      if (polled.is === "waiting") {
        assert.ok(polled.untilMs > nowMs);
        nowMs = Math.max(polled.untilMs, nowMs + 100);
        continue;
      }
      const { times, rowCount } = polled.batch;
      for (let row = 0; row < rowCount; row++) {
        assert.ok(times![row]! >= watermarkMs, `${times![row]} behind ${watermarkMs}`);
        if (row > 0 && times![row]! < times![row - 1]!) isOutOfOrder = true;
      }
      rows += rowCount;
    }
    assert.ok(rows > 9000 && isOutOfOrder);
  }
});

test("a paced source sends what is due and no more, and what comes late stays due when it was", () => {
  const settings = { keys: 5, count: 1000, rate: 100, startMs: 1000 };
  const { source } = harnessOf(settings);
  assert.deepEqual(source.poll(999), { is: "waiting", untilMs: 1000, idle: false });
  const first = source.poll(1000);
  assert.equal(first.is === "batch" && first.batch.rowCount, 1);
  assert.deepEqual(source.poll(1000), { is: "waiting", untilMs: 1010, idle: false });
  const late = source.poll(2000);
  assert.ok(late.is === "batch");
  assert.equal(late.batch.rowCount, 100);
  assert.equal(late.batch.dueMs, 1010);
  assert.equal(late.batch.times?.[99], 2000);
  assert.equal(source.watermarkMs, 2000);
  assert.equal(source.dueMs, 2000);
});

test("the start of a paced source comes back with its positions", () => {
  const settings = { keys: 5, count: 1000, rate: 100 };
  const first = harnessOf(settings);
  assert.equal(first.rows(5000).length, 1);
  const second = harnessOf(settings, { restore: first.snapshot() });
  const [next] = second.rows(9000);
  assert.equal(next?.number, 1);
  assert.equal(next?.$time, 5010);
});

test("keys are spread evenly without skew, and by Zipf's law with it", () => {
  const count = 200_000;
  const keys = 20;
  for (const skew of [0, 0.5, 1, 2]) {
    const counts = new Float64Array(keys);
    for (const { key } of harnessOf({ keys, count, skew }).rows()) counts[Number(key)]! += 1;
    const weights = Array.from({ length: keys }, (_, key) => (key + 1) ** -skew);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [key, weight] of weights.entries()) {
      const wanted = (count * weight) / total;
      // Five standard deviations.
      assert.ok(Math.abs(counts[key]! - wanted) < 5 * Math.sqrt(wanted), `skew ${skew}, key ${key}`);
    }
  }
});

test("columns that nobody reads are not there, and a payload has its length", () => {
  const rows = harnessOf({ keys: 5, count: 3, payloadBytes: 10 }, {}, ["payload"]).rows();
  assert.deepEqual(Object.keys(rows[0]!), ["payload", "$time"]);
  assert.match(String(rows[2]!.payload), /^[a-z]{10}$/);
});

test("large payloads come in small batches, and no record is left out", () => {
  const length = 100_000;
  const { source } = harnessOf({ keys: 5, count: 30, payloadBytes: length }, {}, ["number", "payload"]);
  const numbers: number[] = [];
  for (let polled = source.poll(0); polled.is === "batch"; polled = source.poll(0)) {
    const { rowCount, columns } = polled.batch;
    assert.ok(rowCount * length <= 2 ** 20 + length);
    numbers.push(...(columns[0] as Float64Array).subarray(0, rowCount));
  }
  assert.deepEqual(
    numbers.sort((one, other) => one - other),
    Array.from({ length: 30 }, (_, number) => number),
  );
});

test("numbers above 2^32 draw other keys than those below", () => {
  const far = 2 ** 32;
  const spec = { keys: 1000, splits: 1 };
  const at = (first: number) => {
    const restore = [new Uint8Array(new Float64Array([1, 64, 0, first, Number.NaN]).buffer)];
    return harnessOf(spec, { restore }, ["key", "number"]).rows(0, 1);
  };
  const [near, distant, across] = [at(0), at(far), at(far - 100)];
  assert.equal(distant[0]!.number, far);
  assert.notDeepEqual(
    near.map(({ key }) => key),
    distant.map(({ key }) => key),
  );
  assert.deepEqual(
    across.slice(100).map(({ key }) => key),
    distant.slice(0, -100).map(({ key }) => key),
  );
});

test("settings that make no sense are refused by name", () => {
  assert.throws(
    () => generatedSource({ keys: 0 }),
    (error: Error) => {
      assert.ok(error instanceof EngineError && error.exitStatus === 2);
      assert.match(error.message, /generated source: keys is 0/);
      return true;
    },
  );
  assert.throws(() => generatedSource({ keys: 5, skew: -1 }), /skew is -1/);
});
