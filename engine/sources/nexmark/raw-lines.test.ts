import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { lineBytesMax, RawLines } from "./raw-lines.ts";
import { referenceEvent } from "./reference-for-tests.ts";

const lines = new RawLines(1000);
const buffer = new Uint8Array(1000 * lineBytesMax);

function written(first: number, events: number): Buffer {
  return Buffer.from(buffer.subarray(0, lines.write(first, events, buffer)));
}

const referenceLines = (first: number, events: number): string =>
  Array.from({ length: events }, (_, index) => `${referenceEvent(first + index).join("|")}\n`).join("");

test("the first 1,000, 10,000 and 100,000 lines have the published SHA-256", () => {
  const hash = createHash("sha256");
  const hashes = new Map<number, string>();
  for (let first = 0; first < 100_000; first += 1000) {
    hash.update(written(first, 1000));
    hashes.set(first + 1000, hash.copy().digest("hex"));
  }
  assert.equal(hashes.get(1000), "f3f06b775a95eb6e31b6f6031dad0550c35f04b37ac4129cb86363962b7fffc1");
  assert.equal(hashes.get(10_000), "c92404d985772f786605dc1f44737cb60ac87650890e089408343ce29738daab");
  assert.equal(hashes.get(100_000), "0f5ec116e86615818a4e2ca33d7514b4b6176c4c9ad4216e207438d857e10075");
});

test("lines of any range, of large event numbers too, equal the reference's", () => {
  const anyEvent = fc.oneof(
    fc.integer({ min: 0, max: 200_000 }),
    fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 10_000 }),
  );
  fc.assert(
    fc.property(anyEvent, fc.integer({ min: 0, max: 60 }), (first, events) => {
      assert.equal(written(first, events).toString("latin1"), referenceLines(first, events));
    }),
  );
});

test("the way from 2,000 rows in a chunk of the kernel to the next leaves no seam", () => {
  const wide = new RawLines(5000);
  const into = new Uint8Array(5000 * lineBytesMax);
  const text = Buffer.from(into.subarray(0, wide.write(123, 5000, into))).toString("latin1");
  const parts = [0, 1000, 2000, 3000, 4000].map((at) => written(123 + at, 1000).toString("latin1"));
  assert.equal(text, parts.join(""));
});

test("more events than there are columns or bytes for are refused", () => {
  assert.throws(() => lines.write(0, 1001, new Uint8Array(1001 * lineBytesMax)), RangeError);
  assert.throws(() => lines.write(0, 1000, new Uint8Array(1000)), RangeError);
});
