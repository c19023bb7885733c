import assert from "node:assert/strict";
import { test } from "node:test";
import { gesscale } from "./gesscale.ts";
import { ladder } from "./ladder.ts";
import { manual } from "./manual.ts";
import type { Decision, Policy } from "./policy.ts";
import { nearAndFar, running, type WorldForTests } from "./policy-input-for-tests.ts";
import { replacingLost } from "./replacing-lost.ts";
import { threshold } from "./threshold.ts";

const world = nearAndFar(6, 4);
const target = (decision: Decision): string[] => {
  assert.equal(decision.do, "rescale", decision.because);
  return decision.do === "rescale" ? decision.to.seats.map(({ node }) => node) : [];
};

test("gesscale adds the nearest node, one, when the source was held up for over half of a minute", () => {
  const input = running(world, { on: ["near1", "near2"], asked: 900 });
  assert.deepEqual(target(gesscale().decide(input)), ["near1", "near2", "near3"]);
});

test("gesscale takes the farthest away while over 30 % is to spare, but never the last two", () => {
  const on = ["near1", "far1", "near2"];
  assert.deepEqual(target(gesscale().decide(running(world, { on, asked: 50 }))), ["near1", "near2"]);
  const two = gesscale().decide(running(world, { on: ["near1", "near2"], asked: 10 }));
  assert.equal(two.do, "stay");
  assert.equal(gesscale().decide(running(world, { on, asked: 90 })).do, "stay");
});

test("gesscale looks once a minute", () => {
  const policy = gesscale();
  const input = running(world, { on: ["near1"], asked: 900 });
  assert.equal(policy.decide(input).do, "rescale");
  assert.match(policy.decide(input).because, /once a minute/);
  assert.equal(gesscale().decide(running(world, { on: ["near1"], asked: 900, forMs: 50_000 })).do, "stay");
});

test("threshold goes to ceil(n · use / target) above 70 % and below 30 %, and rests within the tolerance", () => {
  const on = ["near1", "near2", "near3"];
  const decide = (asked: number) => threshold().decide(running(world, { on, asked, forMs: 400_000 }));
  assert.equal(target(decide(295)).length, 5);
  assert.equal(target(decide(60)).length, 1);
  assert.match(decide(218).because, /within the tolerance/);
  assert.equal(decide(150).do, "stay");
});

test("threshold pauses after a rescale", () => {
  const configuration = { seats: [{ node: "near1", share: 1 }] };
  const outcomes = [{ atMs: 100_000, from: configuration, to: configuration, is: "done" as const }];
  const decision = threshold().decide(running(world, { on: ["near1"], asked: 99, outcomes }));
  assert.match(decision.because, /the last rescale is 20 s ago/);
});

test("no published policy takes missing figures for zero", () => {
  const seen = {
    seen: <Of extends object>(of: Of): Of => ({ ...of, cpu: {}, sourceBackpressured: undefined, seats: [] }),
  };
  const idle = { on: ["near1", "near2", "near3"], asked: 10, forMs: 1_000_000, ...seen };
  for (const policy of [gesscale(), threshold()]) {
    const decision = policy.decide(running(world, idle));
    assert.equal(decision.do, "stay");
    assert.match(decision.because, /not known/);
  }
});

test("manual takes the step that is due, once, and says when there is none left", () => {
  const policy = manual(
    [
      { atMs: 60_000, parallelism: 3 },
      { atMs: 30_000, parallelism: 2 },
    ],
    "even",
  );
  const at = (forMs: number, on: string[]) => policy.decide(running(world, { on, asked: 10, forMs }));
  assert.match(at(10_000, ["near1"]).because, /the next step is at 30 s/);
  assert.equal(target(at(31_000, ["near1"])).length, 2);
  assert.equal(target(at(61_000, ["near1", "near2"])).length, 3);
  const end = at(61_000, ["near1", "near2", "near3"]);
  assert.ok(end.do === "stay" && end.finished);
  const shares = manual([{ atMs: 1, parallelism: 5 }], "capacity");
  const on = ["near1", "near2", "near3", "near4", "near5", "near6"];
  const to = shares.decide(running(world, { on: [...on, "far1"], asked: 10 }));
  assert.deepEqual(target(to), on.slice(0, 5));
});

test("the ladder goes on when what runs was measured, with shares by capacity where they are wanted", () => {
  const on = ["near1", "near2", "near3", "near4", "near5", "near6"];
  const measured = { seen: <Of extends object>(of: Of): Of => ({ ...of, mst: { mst: 1, low: 1, high: 1 } }) };
  assert.match(ladder("even").decide(running(world, { on, asked: 10 })).because, /not measured yet/);
  const next = ladder("capacity").decide(running(world, { on, asked: 10, ...measured }));
  assert.deepEqual(target(next), [...on, "far1"]);
  if (next.do === "rescale") assert.ok(next.to.seats.at(-1)!.share < 0.5 * next.to.seats[0]!.share);
  // Where a model knows better shares than by what each carries alone, they are taken.
  const told = { seats: [...on, "far1"].map((node) => ({ node, share: node === "far1" ? 1 / 16 : 5 / 32 })) };
  const asked = ladder("capacity").decide({
    ...running(world, { on, asked: 10, ...measured }),
    share: () => told,
  });
  assert.deepEqual(asked.do === "rescale" && asked.to, told);
  const bounds = { min: 1, max: 6 };
  const end = ladder("even").decide(running(world, { on, asked: 10, bounds, ...measured }));
  assert.ok(end.do === "stay" && end.finished);
});

test("with shares by capacity the ladder ends before a node that would bring nothing, and says which and why; even shares show it", () => {
  const useless: WorldForTests = {
    nodes: { ...nearAndFar(3, 0).nodes, far1: { carries: 0.4, rttMs: 2000 } },
  };
  const on = ["near1", "near2", "near3"];
  const seen = <Of extends object>(of: Of): Of => ({ ...of, mst: { mst: 300, low: 290, high: 310 } });
  const input = running(useless, { on, asked: 10, seen });
  const end = ladder("capacity").decide(input);
  assert.ok(end.do === "stay" && end.finished);
  assert.equal(end.because, "the ladder ends at 3: far1 would not help (300/s after 300/s)");
  assert.deepEqual(target(ladder("even").decide(input)), [...on, "far1"]);
});

test("a lost node's seat goes to the nearest free node before the policy is asked", () => {
  const asked: Policy = { name: "asked", decide: () => ({ do: "stay", because: "asked" }) };
  const policy = replacingLost(asked);
  const lost = { on: ["near1", "near2"], asked: 10, lost: ["near1"] };
  assert.deepEqual(target(policy.decide(running(world, lost))), ["near2", "near3"]);
  assert.equal(policy.decide(running(world, { on: ["near1"], asked: 10 })).because, "asked");
  const none = running(nearAndFar(1, 0), { on: ["near1"], asked: 10, lost: ["near1"] });
  assert.match(policy.decide(none).because, /no node is left/);
});
