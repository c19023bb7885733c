import assert from "node:assert/strict";
import { test } from "node:test";
import type { DecisionLine } from "#autoscaler/decision-record.ts";
import { DemoStory } from "./demo-story.ts";

const tick = (because: string, state = "observing"): { file: "decisions"; line: DecisionLine } => ({
  file: "decisions",
  line: { t: 61_000, is: "tick", state, decision: { do: "stay", because } },
});

test("a thought is told once, until it is another one or something was done", () => {
  const story = new DemoStory("roofline");
  assert.match(story.tell(tick("113/s for 60/s expected")) ?? "", /^ {2}1:01 {2}stays: {3}113\/s for 60\/s/);
  assert.equal(story.tell(tick("113/s for 70/s expected")), undefined);
  assert.equal(story.tell(tick("warming up for another 2 s", "settling")), undefined);
  assert.ok(story.tell(tick("far1 would bring nothing")) !== undefined);
});

test("a rescale is told with its reason, what is predicted, and what came of it", () => {
  const story = new DemoStory("roofline");
  const to = {
    seats: [
      { node: "near1", share: 0.5 },
      { node: "near2", share: 0.5 },
    ],
  };
  const predicted = { mst: 226, low: 210, high: 240 };
  const decision = { do: "rescale" as const, to, because: "more is asked: near2 joins", predicted };
  const line = { t: 1_000, is: "tick" as const, state: "observing", decision };
  const told = story.tell({ file: "decisions", line });
  assert.equal(told, "  0:01  decides: more is asked: near2 joins; predicted 226/s (210 to 240)");
  const outcome = { t: 2_000, is: "outcome" as const, from: { seats: [] }, to, outcome: "done" as const };
  assert.match(
    story.tell({ file: "decisions", line: { ...outcome, standStillMs: 350 } }) ?? "",
    /done: runs on near1 \(50 %\), near2 \(50 %\); the job stood still for 350 ms/,
  );
});
