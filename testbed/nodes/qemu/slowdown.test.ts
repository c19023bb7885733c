import assert from "node:assert/strict";
import { test } from "node:test";
import { atFullShare, slowdownBetween } from "./slowdown.ts";

const here = { integer: 100, float: 6000, memory: 9000, json: 150 };

test("a slowdown says how many times longer each kernel takes", () => {
  const there = { integer: 10, float: 200, memory: 3000, json: 150 };
  assert.deepEqual(slowdownBetween(here, there), { integer: 10, float: 30, memory: 3, json: 1 });
});

test("what a machine took for its own slowness while others used its processor is not counted as such", () => {
  const { scores } = atFullShare({ key: "k", scores: here }, 0.5);
  assert.deepEqual(scores, { integer: 200, float: 12_000, memory: 18_000, json: 300 });
});

test("helpers of the emulator on other processors make no machine slower than it is", () => {
  assert.deepEqual(atFullShare({ key: "k", scores: here }, 1.3).scores, here);
});
