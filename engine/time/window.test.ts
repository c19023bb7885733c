import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  expiryOf,
  firstWindowStart,
  isGap,
  lastWindowStart,
  nextWindow,
  sliceOf,
  sliding,
  tumbling,
  windowsOf,
} from "./window.ts";

const anyWindows = fc
  .record({
    size: fc.integer({ min: 1, max: 60 }),
    slide: fc.integer({ min: 1, max: 60 }),
    offset: fc.integer({ min: -100, max: 100 }),
  })
  .map(({ size, slide, offset }) => sliding(size, slide, offset));
const anyTime = fc.integer({ min: -500, max: 500 });

test("a window of 10 s every 4 s is made of slices of 2 s; times before 1970 fall like all others", () => {
  assert.equal(sliding(10_000, 4000).sliceMs, 2000);
  assert.equal(sliceOf(sliding(10_000, 4000), -1), -2000);
  assert.deepEqual(windowsOf(sliding(10_000, 4000), 2000), [-4000, 0]);
  assert.deepEqual(windowsOf(tumbling(10, 3), sliceOf(tumbling(10, 3), 2)), [-7]);
});

test("the windows of a slice are those that hold each time in it, and no other", () => {
  fc.assert(
    fc.property(anyWindows, anyTime, (windows, time) => {
      const { sizeMs, slideMs, offsetMs } = windows;
      const expected: number[] = [];
      for (let start = offsetMs - 3000 * slideMs; start <= time; start += slideMs) {
        if (time < start + sizeMs) expected.push(start);
      }
      const slice = sliceOf(windows, time);
      assert.ok(slice <= time && time < slice + windows.sliceMs);
      assert.deepEqual(windowsOf(windows, slice), expected);
      assert.equal(isGap(windows, slice), expected.length === 0);
      if (expected.length > 0) {
        assert.equal(firstWindowStart(windows, slice), expected[0]);
        assert.equal(lastWindowStart(windows, slice), expected.at(-1));
        assert.equal(expiryOf(windows, slice, 7), expected.at(-1)! + sizeMs + 7);
      }
    }),
  );
});

test("the next window is the first whose end lies behind a time and that holds a slice with data", () => {
  fc.assert(
    fc.property(anyWindows, fc.array(anyTime, { maxLength: 5 }), anyTime, (windows, times, after) => {
      const slices = [...new Set(times.map((time) => sliceOf(windows, time)))].sort(
        (one, other) => one - other,
      );
      const starts = slices.flatMap((slice) => windowsOf(windows, slice));
      const later = starts.filter((start) => start + windows.sizeMs > after);
      assert.equal(nextWindow(windows, slices, after), later.length === 0 ? undefined : Math.min(...later));
      assert.equal(
        nextWindow(windows, slices, Number.NEGATIVE_INFINITY),
        starts.length === 0 ? undefined : Math.min(...starts),
      );
      assert.equal(nextWindow(windows, slices, Number.POSITIVE_INFINITY), undefined);
    }),
  );
});

test("sizes and slides that are no whole milliseconds above 0 are refused with the number", () => {
  for (const size of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => tumbling(size), { code: "bad-window", message: new RegExp(`is ${size}`) });
    assert.throws(() => sliding(10, size), { code: "bad-window", message: /slide/ });
  }
  assert.throws(() => tumbling(10, 0.5), { code: "bad-window", message: /offset/ });
});
