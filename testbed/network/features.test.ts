import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Loss } from "./conditions.ts";
import { change, FeatureTable, inRow, meanLoss } from "./features.ts";

const close = (actual: number | undefined, expected: number) =>
  assert.ok(Math.abs((actual ?? 0) - expected) < 1e-12);
const bursts: Loss = { model: "bursts", enter: 0.01, leave: 0.2, lossGood: 0, lossBad: 1 };

test("losses in a row leave through what both let through", () => {
  const ratio = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(ratio, ratio, (a, b) => {
      const row = inRow({ loss: { model: "random", ratio: a } }, { loss: { model: "random", ratio: b } });
      assert.ok(row.loss?.model === "random");
      close(row.loss.ratio, 1 - (1 - a) * (1 - b));
    }),
  );
});

test("one link's bursts stay bursts beside another's random loss, with the exact mean", () => {
  const random: Loss = { model: "random", ratio: 0.1 };
  for (const [first, second] of [
    [bursts, random],
    [random, bursts],
  ] as const) {
    const { loss } = inRow({ loss: first }, { loss: second });
    assert.ok(loss?.model === "bursts");
    assert.deepEqual([loss.enter, loss.leave, loss.lossBad], [0.01, 0.2, 1]);
    close(meanLoss(loss), 1 - 0.9 * (1 - meanLoss(bursts)));
  }
});

test("of two links with bursts the heavier keeps its chain, and the mean stays exact", () => {
  const light: Loss = { model: "bursts", enter: 0.001, leave: 0.5, lossGood: 0, lossBad: 1 };
  const { loss } = inRow({ loss: light }, { loss: bursts });
  assert.ok(loss?.model === "bursts");
  assert.deepEqual([loss.enter, loss.leave], [0.01, 0.2]);
  close(meanLoss(loss), 1 - (1 - meanLoss(light)) * (1 - meanLoss(bursts)));
});

test("jitters in a row add as variances, half-widths of uniform ones as theirs", () => {
  const normal = { spreadMs: 3, distribution: "normal", reorder: false } as const;
  const uniform = { spreadMs: 4 * Math.sqrt(3), distribution: "uniform", reorder: true } as const;
  const { jitter } = inRow({ jitter: normal }, { jitter: uniform });
  close(jitter?.spreadMs, 5);
  assert.deepEqual([jitter?.distribution, jitter?.reorder], ["normal", true]);
  assert.deepEqual(inRow({ jitter: uniform }, {}).jitter, uniform);
});

test("the smallest MTU of a row holds", () => {
  assert.equal(inRow({ mtuBytes: 1400 }, { mtuBytes: 1300 }).mtuBytes, 1300);
  assert.equal(inRow({}, { mtuBytes: 1300 }).mtuBytes, 1300);
});

test("a change that asks for nothing takes away what was there", () => {
  const below = {
    loss: bursts,
    jitter: { spreadMs: 3, distribution: "normal", reorder: false },
    cut: true,
  } as const;
  const still = { spreadMs: 0, distribution: "normal", reorder: false } as const;
  assert.deepEqual(change(below, { loss: { model: "random", ratio: 0 }, jitter: still, cut: false }), {});
});

test("equal features have one number, whatever the order of their making", () => {
  const table = new FeatureTable();
  const one = table.numberOf({ cut: true, mtuBytes: 1300 });
  assert.equal(table.numberOf({ mtuBytes: 1300, cut: true }), one);
  assert.equal(table.numberOf({}), 0);
  assert.equal(table.all.length, 2);
});
