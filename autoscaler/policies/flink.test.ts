import assert from "node:assert/strict";
import { test } from "node:test";
import { type FlinkSettings, flink, flinkDefaults, flinkShort } from "./flink.ts";
import type { Decision, PolicyInput } from "./policy.ts";
import { nearAndFar, type Running, running } from "./policy-input-for-tests.ts";

const world = nearAndFar(10, 0);
const minute = 60_000;

/** The first decision to rescale while a job goes by that never is, and when; else the last decision. */
function watch(job: Running, settings: FlinkSettings): { atMs: number; decision: Decision } {
  const policy = flink(settings);
  const input = running(world, job);
  const history = input.history.filter(({ atMs }) => atMs % 5000 === 0);
  let last: { atMs: number; decision: Decision } | undefined;
  for (let length = 1; length <= history.length; length++) {
    const sight: PolicyInput = { ...input, history: history.slice(Math.max(0, length - 30), length) };
    last = { atMs: history[length - 1]!.atMs, decision: policy.decide(sight) };
    if (last.decision.do === "rescale") break;
  }
  return last!;
}
const seats = (decision: Decision) => (decision.do === "rescale" ? decision.to.seats.length : undefined);

test("with the published settings nothing happens before 20 minutes have been stable and seen", () => {
  const job = { on: ["near1", "near2"], asked: 400, forMs: 30 * minute };
  const { atMs, decision } = watch(job, flinkDefaults);
  assert.equal(decision.do, "rescale");
  assert.ok(atMs >= 19 * minute && atMs <= 22 * minute, `${atMs / minute}`);
});

test("the target is the rate at the target use, with what the restart and the backlog add", () => {
  // 3 seats carry 300. 280 at a use of 0.6 is 467; a restart of 2 min over 5 min adds 112: 579 / 300 · 3 = 5.8.
  const { decision } = watch({ on: ["near1", "near2", "near3"], asked: 280, forMs: 10 * minute }, flinkShort);
  assert.equal(seats(decision), 6);
});

test("within the boundary of the target use nothing is done", () => {
  const { decision } = watch({ on: ["near1", "near2", "near3"], asked: 150, forMs: 90 * minute }, flinkShort);
  assert.equal(decision.do, "stay");
});

test("a step down waits for the whole interval, and goes to no less than 40 %", () => {
  const on = ["near1", "near2", "near3", "near4", "near5", "near6"];
  const job = { on, asked: 20, forMs: 100 * minute };
  const { atMs, decision } = watch(job, flinkShort);
  assert.ok(atMs >= 65 * minute && atMs <= 68 * minute, `${atMs / minute}`);
  assert.equal(seats(decision), 3);
});

test("figures that are missing are no window", () => {
  const blind: Running = {
    on: ["near1"],
    asked: 400,
    forMs: 20 * minute,
    seen: (seen) => ({ ...seen, seats: seen.seats.map(({ node, share }) => ({ node, share })) }),
  };
  assert.match(watch(blind, flinkShort).decision.because, /is not known|between two looks/);
});
