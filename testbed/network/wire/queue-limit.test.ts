import assert from "node:assert/strict";
import { test } from "node:test";
import type { Queue } from "#testbed/network/conditions.ts";
import { CubicFlow } from "./cubic-for-tests.ts";
import { TestWire } from "./emulator-for-tests.ts";
import { buildNetwork } from "./network-for-tests.ts";
import { queueLimitBytes } from "./queue-limit.ts";

test("a slow link still has room for twenty full packets", () => {
  assert.equal(queueLimitBytes(1e6, 0), 30_000);
});

test("a fast link has room for its rate over the round trip and 50 ms", () => {
  assert.equal(queueLimitBytes(100e6, 25), 1_250_000);
  assert.equal(queueLimitBytes(500e6, 0), 3_125_000);
});

function flow(rateBitsPerSecond: number, delayMs: number, queue?: Queue): CubicFlow {
  const conditions = { delayMs, rateBitsPerSecond, ...(queue && { queue }) };
  const network = buildNetwork({
    nodes: 2,
    pairs: [{ conditions: { delayMs } }, { from: 0, to: 1, conditions }],
  });
  return new CubicFlow(new TestWire(network, { slots: 16_384 }), 0, 1);
}

for (const [rateMbit, delayMs, seconds] of [
  [1, 0, 10],
  [1, 25, 10],
  [10, 0, 10],
  [10, 25, 10],
  [100, 0, 10],
  [100, 25, 10],
  [500, 0, 4],
  [500, 25, 6],
] as const) {
  test(`one CUBIC flow gets 90 to 100 % of ${rateMbit} Mbit/s at ${delayMs} ms, in payload`, () => {
    const share = flow(rateMbit * 1e6, delayMs).run(seconds) / (rateMbit * 1e6);
    assert.ok(share > 0.9 && share <= 1, `${(share * 100).toFixed(1)} %`);
  });
}

test("one CUBIC flow through CoDel keeps the queue near its target and 80 % of the rate", () => {
  const codel = flow(20e6, 10, { discipline: "codel", ecn: false });
  const share = codel.run(10) / 20e6;
  const settled = codel.queueingMs.slice(codel.queueingMs.length >> 1);
  const mean = settled.reduce((sum, value) => sum + value, 0) / settled.length;
  assert.ok(mean < 10, `mean wait ${mean} ms`);
  assert.ok(share > 0.8, `${share}`);
});
