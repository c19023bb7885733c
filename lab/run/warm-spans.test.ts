import assert from "node:assert/strict";
import { test } from "node:test";
import { WarmSpans, type Work } from "./warm-spans.ts";

/** Spans of two looks each; costs are ms of processor a record, by node. */
function warmed(spans: readonly { taken: number; costs?: Readonly<Record<string, number>> }[]): WarmSpans {
  const warm = new WarmSpans();
  for (const { taken, costs } of spans) {
    const work: Work | undefined =
      costs &&
      Object.fromEntries(
        Object.entries(costs).map(([node, ms]) => [node, { records: 100, cpu: (100 * ms) / 1000 }]),
      );
    warm.add(taken, [work, work]);
  }
  return warm;
}

test("a job that takes no more than before is warm after three spans where nobody knows what its records cost", () => {
  assert.ok(!warmed([{ taken: 100 }, { taken: 100 }]).isSteady);
  assert.ok(warmed([{ taken: 100 }, { taken: 100 }, { taken: 101 }]).isSteady);
  assert.ok(!warmed([{ taken: 100 }, { taken: 100 }, { taken: 104 }]).isSteady);
});

test("a node whose records get cheaper keeps a job from being warm, though it takes no more", () => {
  const others = { near: 6.4, far: 6.3 };
  const spans = [8.7, 7.9, 7.5, 7.1, 6.8, 6.7, 6.7, 6.7].map((late) => ({
    taken: 390,
    costs: { ...others, late },
  }));
  const steady = spans.map((_, index) => warmed(spans.slice(0, index + 1)).isSteady);
  assert.deepEqual(steady, [false, false, false, false, false, false, false, true]);
});

test("spans are as they were before after a restart", () => {
  const warm = warmed([{ taken: 1 }, { taken: 1 }, { taken: 1 }]);
  warm.clear();
  assert.deepEqual([warm.taken.length, warm.isSteady], [0, false]);
});

test("a node without records, or that tells nothing, is left out", () => {
  const warm = new WarmSpans();
  for (let span = 0; span < 4; span++)
    warm.add(10, [undefined, { idle: { records: 0, cpu: 1 / (span + 1) }, at: { records: 10, cpu: 0.1 } }]);
  assert.ok(warm.isSteady);
});
