import assert from "node:assert/strict";
import { test } from "node:test";
import { noNetwork } from "../network-view.ts";
import type { Observation } from "../observation.ts";
import type { CleanSeat } from "./clean-tick.ts";
import { CostLearner } from "./roofline-costs.ts";

const job = {
  ...{ operator: "join", sources: ["gen"], inputs: 2, windowMs: 5000, joins: true },
  checkpointMode: "aligned",
} as const;
const nodes = ["a", "b", "c"].map((name) => ({ name, device: "pi4b", speed: 0.11, slots: 1 }));
const seats = nodes.map(({ name }) => ({ node: name, share: 1 / 3 }));

/** Seats at their limit, second after second: what a record costs falls from 12 ms to 2.5, as on a node that compiles. */
function warmingUp(learner: CostLearner, seconds: number, firstResultsAt: number): void {
  for (let tick = 1; tick <= seconds; tick++) {
    const perRecordMs = 2.5 + 9.5 * 2 ** (-tick / 10);
    const recordsIn = 1000 / perRecordMs;
    const observation: Observation = {
      ...{ atMs: tick * 1000, steadyMs: tick * 1000, configuration: { seats }, askedPerSecond: 3000 },
      ...{ seats, cpu: {}, network: noNetwork },
    };
    const cleaned: CleanSeat[] = seats.map((seat) => ({
      ...{ ...seat, recordsIn, recordsOut: tick < firstResultsAt ? 0 : 0.2 * recordsIn },
      ...{ busy: 1, cpu: 1 },
    }));
    learner.tick(observation, cleaned);
    learner.costs();
  }
}

test("a job whose first windows are still open teaches no price of a result, and no node a strength that it has not", () => {
  const learner = new CostLearner(nodes, job);
  warmingUp(learner, 12, 100);
  assert.equal(learner.costs()!.perResult, 0);
  warmingUp(learner, 60, 1);
  for (const { name } of nodes) {
    const { value } = learner.pace(name);
    assert.ok(value > 0.05 && value < 0.25, `${name} is taken for ${value} of the fastest core, and is 0.11`);
  }
});

test("what nodes at their limit do is not called fixed because a record gets cheaper while they warm up", () => {
  const learner = new CostLearner(nodes, job);
  warmingUp(learner, 90, 6);
  const { fixed, perRecord, perResult } = learner.costs()!;
  assert.ok(fixed <= 0.3 * 0.11 * 1.3, `${fixed} core seconds a second`);
  const sustained = (0.11 - fixed) / (perRecord + 0.2 * perResult);
  assert.ok(sustained > 250 && sustained < 600, `${sustained}/s a node, where 400 are true`);
});
