import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { evenAssignment } from "../state/assignment.ts";
import { hashByteArray, hashSafeInteger, hashText } from "../state/java-hash.ts";
import { keyGroupOf } from "../state/key-groups.ts";
import type { KeyType } from "../state/operator-state.ts";
import { BatchBuilder } from "./batch-builder.ts";
import { batchOf, expectedRows, rowsOf, type Sample } from "./rows-for-tests.ts";
import { Broadcast, Rebalance, Scatter } from "./scatter.ts";
import { schema } from "./schema.ts";

const anyKey = {
  int32: fc.integer(),
  integer: fc.maxSafeInteger(),
  timestamp: fc.maxSafeInteger(),
  utf8: fc.string({ unit: "grapheme", maxLength: 30 }),
  bytes: fc.uint8Array({ maxLength: 30 }),
} satisfies Record<KeyType, fc.Arbitrary<unknown>>;

/** Java's hash of a key as it was written. */
const hashOf: Record<KeyType, (key: never) => number> = {
  int32: (key: number) => key,
  integer: hashSafeInteger,
  timestamp: hashSafeInteger,
  utf8: hashText,
  bytes: (key: Uint8Array) => hashByteArray(key, 0, key.length),
};

function sampleOf(type: KeyType, keys: readonly unknown[]): Sample {
  const made = schema({ n: "integer", key: type, text: "utf8?" });
  const rows = keys.map((key, n) => ({ n, key, text: n % 3 === 0 ? null : `t${n}` }));
  return { schema: made, rows, timesMs: rows.map(({ n }) => n * 10) };
}

function buildersFor({ schema }: Sample, channels: number): BatchBuilder[] {
  return Array.from({ length: channels }, () => new BatchBuilder(schema, 2));
}

for (const type of Object.keys(anyKey) as KeyType[]) {
  test(`each row of a ${type} key goes to the owner of its key group, in order`, () => {
    const anyKeys = fc.array(anyKey[type] as fc.Arbitrary<unknown>, { maxLength: 50 });
    const channelCounts = fc.integer({ min: 1, max: 7 });
    fc.assert(
      fc.property(anyKeys, channelCounts, fc.constantFrom(7, 100, 128, 32_768), (keys, channels, groups) => {
        const sample = sampleOf(type, keys);
        const { subtaskOf } = evenAssignment(groups, channels);
        const scatter = new Scatter(type, 1, subtaskOf, channels);
        const builders = buildersFor(sample, channels);
        scatter.scatter(batchOf(sample), builders);
        scatter.scatter(batchOf(sample), builders);
        const all = expectedRows(sample);
        for (const [channel, builder] of builders.entries()) {
          const own = all.filter(
            (_, row) => subtaskOf[keyGroupOf(hashOf[type](keys[row] as never), groups)] === channel,
          );
          assert.deepEqual(rowsOf(builder.finish()), [...own, ...own]);
        }
      }),
    );
  });
}

test("a table that gives a subtask nothing sends it nothing", () => {
  const sample = sampleOf("int32", [1, 2, 3, 4, 5]);
  const builders = buildersFor(sample, 2);
  new Scatter("int32", 1, new Uint16Array(128), 2).scatter(batchOf(sample), builders);
  assert.deepEqual(
    builders.map(({ rowCount }) => rowCount),
    [5, 0],
  );
});

test("rebalancing loses and doubles nothing", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(20), { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      (sizes, channels) => {
        const rebalance = new Rebalance();
        const samples = sizes.map((size) =>
          sampleOf(
            "int32",
            Array.from({ length: size }, (_, n) => n),
          ),
        );
        const builders = buildersFor(sampleOf("int32", []), channels);
        for (const sample of samples) rebalance.scatter(batchOf(sample), builders);
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const counts = builders.map(({ rowCount }) => rowCount);
        assert.equal(
          counts.reduce((sum, count) => sum + count, 0),
          total,
        );
        const keys = builders.flatMap((builder) => rowsOf(builder.finish()).map((row) => Number(row.key)));
        assert.deepEqual(
          keys.toSorted((one, other) => one - other),
          samples
            .flatMap(({ rows }) => rows.map((row) => Number(row.key)))
            .toSorted((one, other) => one - other),
        );
      },
    ),
  );
});

test("rows that come one at a time go round all channels", () => {
  const sample = sampleOf("int32", [1]);
  const builders = buildersFor(sample, 3);
  const rebalance = new Rebalance();
  for (let turn = 0; turn < 9; turn++) rebalance.scatter(batchOf(sample), builders);
  assert.deepEqual(
    builders.map(({ rowCount }) => rowCount),
    [3, 3, 3],
  );
});

test("a broadcast gives every channel every row", () => {
  const sample = sampleOf("utf8", ["a", "b"]);
  const builders = buildersFor(sample, 3);
  new Broadcast().scatter(batchOf(sample), builders);
  for (const builder of builders) assert.deepEqual(rowsOf(builder.finish()), expectedRows(sample));
});
