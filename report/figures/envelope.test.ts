import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { envelope } from "./envelope.ts";
import { quantileOf, spreadOf } from "./statistics.ts";

const points = fc
  .array(
    fc.record({
      dt: fc.integer({ min: 1, max: 5000 }),
      value: fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: undefined }),
    }),
    { maxLength: 400 },
  )
  .map((steps) => {
    let t = 0;
    return steps.map(({ dt, value }) => ({ t: (t += dt), value }));
  });

test("a shortened series has few bins, in order, and keeps the least and the greatest of the whole", () => {
  fc.assert(
    fc.property(points, fc.integer({ min: 1, max: 50 }), (series, most) => {
      const told = series.flatMap(({ value }) => value ?? []);
      const { bins, binMs } = envelope(series, most);
      assert.ok(bins.length <= most);
      assert.equal(binMs === undefined, told.length <= most);
      assert.equal(Math.min(...bins.map(({ low }) => low)), Math.min(...told));
      assert.equal(Math.max(...bins.map(({ high }) => high)), Math.max(...told));
      for (const [index, bin] of bins.entries()) {
        assert.ok(bin.low <= bin.mean + 1e-9 && bin.mean <= bin.high + 1e-9);
        assert.ok(index === 0 || bin.t > bins[index - 1]!.t);
      }
    }),
  );
});

test("a short series is left as it was", () => {
  const { bins, binMs } = envelope(
    [
      { t: 1, value: 4 },
      { t: 2, value: undefined },
      { t: 3, value: 5 },
    ],
    10,
  );
  assert.deepEqual(
    bins.map(({ t, mean }) => [t, mean]),
    [
      [1, 4],
      [3, 5],
    ],
  );
  assert.equal(binMs, undefined);
});

test("the 95th percentile of few values is the greatest", () => {
  assert.equal(quantileOf([3, 1, 2], 0.95), 3);
  assert.equal(
    quantileOf(
      Array.from({ length: 100 }, (_, index) => index + 1),
      0.95,
    ),
    95,
  );
  assert.deepEqual(spreadOf([3, undefined, 1, 2]), { median: 2, low: 1, high: 3, count: 3 });
  assert.equal(spreadOf([undefined]), undefined);
});
