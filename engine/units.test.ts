import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "./engine-error.ts";
import { count, durationMs, ratePerSecond, signedDurationMs, sizeBytes } from "./units.ts";

test("durations, sizes, rates and counts are read with their units", () => {
  assert.deepEqual(
    ["10s", "20us", "1.5m", "0", "250 ms", "2h"].map(durationMs),
    [10_000, 0.02, 90_000, 0, 250, 7_200_000],
  );
  assert.deepEqual(["-5s", "5s", "-0"].map(signedDurationMs), [-5000, 5000, 0]);
  assert.deepEqual(["100B", "64KiB", "1.5kB"].map(sizeBytes), [100, 65_536, 1500]);
  assert.deepEqual(["50k/s", "1500/s", "0.5/s", "2M/s"].map(ratePerSecond), [50_000, 1500, 0.5, 2_000_000]);
  assert.deepEqual(["50k", "20M", "1500", "1_000"].map(count), [50_000, 20_000_000, 1500, 1000]);
});

test("a value that could mean two things is refused, with what would be right", () => {
  const messages = [
    [
      () => durationMs("10"),
      '"10" is not a duration: it has no unit\n  fix: write it like 10s, 250ms, 20us or 5m',
    ],
    [
      () => durationMs("10 parsec"),
      '"10 parsec" is not a duration: there is no unit "parsec"\n  fix: write it like 10s, 250ms, 20us or 5m',
    ],
    [
      () => durationMs("-1s"),
      '"-1s" is not a duration: it is negative\n  fix: write it like 10s, 250ms, 20us or 5m',
    ],
    [() => sizeBytes("lots"), '"lots" is not a size\n  fix: write it like 100B, 64KiB or 16MB'],
    [
      () => ratePerSecond("50k"),
      '"50k" is not a rate: per what time is not said\n  fix: write it like 50k/s or 1500/s',
    ],
    [
      () => count("1.5"),
      '"1.5" is not a count: it is not a whole number\n  fix: write it like 1500, 50k or 20M',
    ],
    [
      () => count("9999999G"),
      '"9999999G" is not a count: it is beyond every use\n  fix: write it like 1500, 50k or 20M',
    ],
  ] as const;
  for (const [read, message] of messages) {
    assert.throws(
      read,
      (error) => error instanceof EngineError && error.message === message && error.exitStatus === 2,
    );
  }
});
