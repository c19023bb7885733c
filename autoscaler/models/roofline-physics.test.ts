import assert from "node:assert/strict";
import { test } from "node:test";
import { type Calibration, type Job, sustained } from "./roofline-physics.ts";
import type { Problem } from "./roofline-problem.ts";

const calibration: Calibration = {
  ...{ busyMost: 1, buffers: 1, turnMs: 6, links: 1, pauses: 1, contention: 0, places: 1 },
};

/** Two sources, each behind a link of so many bits a second, and three seats that have hardly any work. */
function rateBehind(bitsPerSecond: number, bytesPerRecord: number, flushSeconds?: number): number {
  const seats = ["a", "b", "c"].map((node) => ({
    ...{ node, share: 1 / 3, load: 1 / 3, tripMs: 0, tripLowMs: 0, tripHighMs: 0, remote: 1 },
  }));
  const links = ["s", "t"].map((node) => ({ node, bitsPerSecond, load: 1 / 2, way: "up" as const }));
  const problem: Problem = { count: 3, seats, together: [], links };
  const job: Job = {
    costs: { fixed: 0, perRecord: 1e-9, perResult: 0, perStateByte: 0 },
    ...{ channels: 2, bytesPerRecord, ratio: () => 0, stateBytes: () => 0 },
    ...(flushSeconds === undefined ? {} : { flushSeconds }),
  };
  return sustained(problem, [1, 1, 1], job, calibration).rate;
}

const near = (rate: number, wanted: number) =>
  assert.ok(Math.abs(rate / wanted - 1) < 0.01, `${rate}, not ${wanted}`);

test("a link carries its rate in records, where it is not known how long these are gathered", () => {
  near(rateBehind(4e6, 1000), 1000);
});

test("few records among many channels travel alone, and each takes a frame's bytes beside its own", () => {
  near(rateBehind(4e6, 1000, 0.001), 1e6 / 1170);
});

test("of a hundred records in a frame each takes a hundredth of what the frame takes", () => {
  // Six ways at 50 frames a second each: 300 frames for 30,000 records.
  near(rateBehind((30_000 * 20 + 300 * 170) * 4, 20, 0.02), 30_000);
});
