import assert from "node:assert/strict";
import { test } from "node:test";
import { networkView } from "../network-view.ts";
import { nearAndFar, running, tableOf, worldOf } from "./policy-input-for-tests.ts";
import { expectedStandStill } from "./rescale-cost.ts";

const world = nearAndFar(2, 0);
const { job, nodes } = worldOf(world);
const { history } = running(world, { on: ["near1", "near2"], asked: 10, forMs: 1000 });
const seen = history[0]!;
const outcome = (standStillMs: number) => ({
  atMs: 1,
  from: seen.configuration,
  to: seen.configuration,
  is: "done" as const,
  standStillMs,
});
const links = { up: { near1: 8e6, near2: 8e6 }, down: { near1: 8e6, near2: 8e6 } };
const network = networkView({ ...tableOf(world), ...links });

test("a first rescale is guessed from the state's way up and down the slowest seat's link", () => {
  const guess = (bytes: number) =>
    expectedStandStill({ ...seen, checkpoint: { durationMs: 1, bytes } }, [], { job, nodes }, network).ms;
  // 10 MB in two halves at 1 MB/s each way: 10 s.
  assert.equal(guess(10e6) - guess(0), 10_000);
});

test("later ones are as those before at the middle, unless the state has outgrown them", () => {
  const outcomes = [outcome(900), outcome(1000), outcome(60_000)];
  assert.equal(expectedStandStill(seen, outcomes, { job, nodes }, network).ms, 1000);
  const big = { ...seen, checkpoint: { durationMs: 1, bytes: 20e6 } };
  assert.equal(expectedStandStill(big, outcomes, { job, nodes }, network).ms, 20_000);
});
