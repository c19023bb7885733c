import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, counted, duration, moment, number, percent, shortened, signedPercent } from "./format.ts";

test("figures have few digits, thousands apart and a real minus", () => {
  const all = [0, 0.01234, 1.5, 12.34, 999.6, 1234, -1234567, 5, 0.0001, Number.NaN].map(number);
  assert.deepEqual(all, ["0", "0.012", "1.5", "12.3", "1,000", "1,234", "−1,234,567", "5", "0.0001", "–"]);
});

test("durations take the unit that fits, and moments are clock times", () => {
  assert.deepEqual([3.2, 420, 1260, 119_000, 180_000, 183_000, 3_600_000, 5_400_000].map(duration), [
    "3.2 ms",
    "420 ms",
    "1.26 s",
    "119 s",
    "3 min",
    "3 min 3 s",
    "1 h",
    "1 h 30 min",
  ]);
  assert.deepEqual([0, 95_000, 3_725_000].map(moment), ["0:00", "1:35", "1:02:05"]);
});

test("shares are percent, signed where the side matters", () => {
  assert.deepEqual(
    [percent(0.031), percent(0.5), percent(0), signedPercent(0.031), signedPercent(-0.2)],
    ["3.1 %", "50 %", "0 %", "+3.1 %", "−20 %"],
  );
  assert.deepEqual([bytes(900), bytes(40_960), bytes(20_800_000)], ["900 B", "41 kB", "20.8 MB"]);
  assert.deepEqual([counted(1, "rescale"), counted(3, "rescale")], ["1 rescale", "3 rescales"]);
});

test("names that differ at an end alone differ when they are shortened", () => {
  const names = ["far-25ms", "small-v2: far-25ms (a)", "small-v2: far-25ms (b)", "large-v2: far-25ms (b)"];
  assert.deepEqual(names.map(shortened), [
    "far-25ms",
    "small-v2…25ms (a)",
    "small-v2…25ms (b)",
    "large-v2…25ms (b)",
  ]);
});
