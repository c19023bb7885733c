import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Decision, PolicyInput } from "./policy.ts";
import { nearAndFar, rightModel, running } from "./policy-input-for-tests.ts";
import { roofline } from "./roofline.ts";
import { rooflineDefaults } from "./roofline-settings.ts";

/** The last of the decisions that a new policy comes to while the last stretch of the history goes by. */
const decide = (input: PolicyInput, policy = roofline()): Decision => {
  const first = Math.max(1, input.history.length - stretch);
  for (let length = first; length < input.history.length; length++) {
    const decision = policy.decide({ ...input, history: input.history.slice(0, length) });
    if (decision.do === "rescale") return decision;
  }
  return policy.decide(input);
};
const stretch = 200;
const target = (decision: Decision): string[] => {
  assert.equal(decision.do, "rescale", decision.because);
  return decision.do === "rescale" ? decision.to.seats.map(({ node }) => node) : [];
};

test("a rate that doubles is met in one step, on the near nodes", () => {
  const input = running(nearAndFar(8, 4), {
    on: ["near1", "near2"],
    asked: (atMs) => (atMs < 100_000 ? 150 : 300),
  });
  const nodes = target(decide(input));
  assert.ok(nodes.length >= 4 && nodes.length <= 6, `${nodes}`);
  assert.ok(nodes.every((node) => node.startsWith("near")));
});

test("with the near ones used up, far ones get the part that they carry", () => {
  const decision = decide(running(nearAndFar(2, 4), { on: ["near1", "near2"], asked: 260 }));
  assert.ok(target(decision).includes("far1"));
  if (decision.do !== "rescale") return;
  const share = (node: string) => decision.to.seats.find((seat) => seat.node === node)!.share;
  assert.ok(Math.abs(share("far1") / share("near1") - 0.4) < 0.01);
});

test("with even shares a far node would take throughput, and the policy refuses it with the reason", () => {
  const even = roofline({ ...rooflineDefaults, shares: "even" });
  const decision = decide(running(nearAndFar(2, 2), { on: ["near1", "near2"], asked: 260 }), even);
  assert.equal(decision.do, "stay");
  assert.match(decision.because, /no other nodes carry more/);
});

test("a shortage that costs less than a rescale is left alone", () => {
  const input = running(nearAndFar(8, 0), {
    on: ["near1", "near2", "near3", "near4"],
    asked: 403,
    outcomes: [outcome(0, "done", 120_000)],
  });
  const decision = decide(input);
  assert.equal(decision.do, "stay");
  assert.match(decision.because, /brings .* and costs/);
});

test("a ramp is met before it is there", () => {
  const input = running(nearAndFar(8, 0), { on: ["near1", "near2"], asked: (atMs) => 100 + atMs / 1500 });
  const latest = input.history.at(-1)!;
  assert.ok(latest.askedPerSecond! < 190);
  assert.ok(target(decide(input)).length > 2);
});

test("a shortage that only the model sees has to last, and one that the job refutes is none", () => {
  const glimpse = (factor: number) => {
    const input = running(nearAndFar(8, 0), { on: ["near1", "near2"], asked: 150 });
    const { predict } = input;
    return {
      ...input,
      predict: (configuration: Parameters<typeof predict>[0]) => {
        const right = predict(configuration)!;
        return { mst: right.mst * factor, low: right.low * factor, high: right.high * factor };
      },
    };
  };
  assert.match(roofline().decide(glimpse(0.7)).because, /has to stay so/);
  assert.equal(decide(glimpse(0.7)).do, "rescale");
  assert.equal(decide(glimpse(0.4)).do, "stay");
});

test("nodes leave when fewer surely carry what was asked lately, and not while a peak is remembered", () => {
  const on = ["near1", "near2", "near3", "near4", "near5", "near6"];
  const calm = decide(running(nearAndFar(8, 0), { on, asked: 150, forMs: 400_000 }));
  assert.ok(target(calm).length < 4);
  const after = (atMs: number) => (atMs < 300_000 ? 450 : 150);
  assert.equal(decide(running(nearAndFar(8, 0), { on, asked: after, forMs: 400_000 })).do, "stay");
});

test("nothing is decided on figures that are missing", () => {
  const short = { on: ["near1"], asked: 300 };
  const blind = { askedPerSecond: undefined, takenPerSecond: undefined, lagMs: undefined };
  const input = running(nearAndFar(8, 0), { ...short, seen: (seen) => strip(seen, Object.keys(blind)) });
  assert.match(decide(input).because, /what is asked of the job is not known/);
  const half = running(nearAndFar(8, 0), {
    ...short,
    seen: (seen) => strip(seen, ["lagMs", "sourceBackpressured"]),
  });
  assert.match(decide(half).because, /whether the source is held up is not known/);
});

test("an unsure model is followed by half again as many nodes at most", () => {
  const world = nearAndFar(20, 0);
  const input = {
    ...running(world, { on: ["near1", "near2"], asked: 1500 }),
    predict: rightModel(world, 0.5),
  };
  assert.equal(target(decide(input)).length, 3);
  assert.ok(target(decide(running(world, { on: ["near1", "near2"], asked: 1500 }))).length > 10);
});

test("a model that cannot say is answered with one node more, once the source is held up", () => {
  const input = { ...running(nearAndFar(8, 0), { on: ["near1"], asked: 300 }), predict: () => undefined };
  assert.equal(target(decide(input)).length, 2);
  const calm = { ...running(nearAndFar(8, 0), { on: ["near1"], asked: 50 }), predict: () => undefined };
  assert.equal(decide(calm).do, "stay");
});

test("seats on lost nodes are replaced at once", () => {
  const input = running(nearAndFar(4, 0), { on: ["near1", "near2"], asked: 120, lost: ["near1"] });
  const nodes = target(decide(input));
  assert.ok(!nodes.includes("near1"));
  assert.ok(nodes.length >= 2);
});

test("a target that failed lately is not decided again at once", () => {
  const input = running(nearAndFar(8, 0), { on: ["near1", "near2"], asked: 300 });
  const first = decide(input);
  assert.equal(first.do, "rescale");
  if (first.do !== "rescale") return;
  const failed = { ...outcome(100_000, "returned", 500), to: first.to };
  const again = decide({ ...input, outcomes: [failed] });
  assert.notDeepEqual(again.do === "rescale" ? again.to : undefined, first.to);
});

test("whatever is asked, targets are within bounds, on nodes that there are, with shares that sum to 1", () => {
  const worlds = fc.record({ near: fc.integer({ min: 1, max: 6 }), far: fc.integer({ min: 0, max: 30 }) });
  fc.assert(
    fc.property(
      worlds,
      fc.integer({ min: 1, max: 3000 }),
      fc.integer({ min: 1, max: 12 }),
      ({ near, far }, asked, max) => {
        const decision = decide(
          running(nearAndFar(near, far), { on: ["near1"], asked, bounds: { min: 1, max } }),
        );
        if (decision.do === "stay") return;
        const { seats } = decision.to;
        assert.ok(seats.length >= 1 && seats.length <= Math.min(max, near + far));
        assert.equal(new Set(seats.map(({ node }) => node)).size, seats.length);
        assert.ok(Math.abs(seats.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9);
      },
    ),
    { numRuns: 200 },
  );
});

function outcome(atMs: number, is: "done" | "returned", standStillMs: number) {
  const seats = { seats: [{ node: "near1", share: 1 }] };
  return { atMs, from: seats, to: seats, is, standStillMs };
}

function strip<Of extends object>(of: Of, names: readonly string[]): Of {
  return Object.fromEntries(Object.entries(of).filter(([name]) => !names.includes(name))) as Of;
}
