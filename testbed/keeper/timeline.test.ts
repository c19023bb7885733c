import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nodeActions, type TimelineEvent } from "#testbed/topology/topology.ts";
import { next, running } from "./node-life.ts";
import { type Deed, isOfTimeline, type Moment, moments } from "./timeline.ts";

const all = ["a", "b", "c"];
const rule = { from: ["a"], to: ["b"], change: { delayMs: 5 } };
const at = (list: readonly Moment[]) =>
  list.map(({ atMs, deed }) => [atMs, deed.do === "node" ? deed.action : deed.do]);

const anyTimes = fc.record({
  atMs: fc.nat(100),
  forMs: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
});
const anyNodes = fc.uniqueArray(fc.constantFrom(...all), { minLength: 1 });
const anyEvent: fc.Arbitrary<TimelineEvent> = fc.oneof(
  anyTimes.map(({ atMs, forMs }) => ({ atMs, pairs: rule, ...(forMs !== undefined && { forMs }) })),
  fc
    .record({
      times: anyTimes,
      nodes: anyNodes,
      what: fc.constantFrom(...nodeActions),
      everyMs: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
    })
    .map(({ times: { atMs, forMs }, nodes, what, everyMs }) => ({
      atMs,
      nodes,
      do: what,
      ...(forMs !== undefined && { forMs }),
      ...(everyMs !== undefined && { everyMs }),
    })),
);
const anyTimeline = fc.array(anyEvent, { maxLength: 6 });

test("moments come in the order of time", () => {
  fc.assert(
    fc.property(anyTimeline, (events) => {
      const times = moments(events).map(({ atMs }) => atMs);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
    }),
    { seed: 8 },
  );
});

const instant = ["restart", "resume", "heal"];

test("an event that lasts a while leaves nothing in force and no node down, and nothing of it happens after its end", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      if (event.forMs === undefined || ("do" in event && instant.includes(event.do))) return;
      const list = moments([event]);
      assert.ok(list.length > 0);
      const inForce = new Set<string>();
      const lives = new Map(all.map((node) => [node, running]));
      for (const { atMs, deed } of list) {
        assert.ok(
          atMs >= event.atMs && atMs <= event.atMs + event.forMs,
          `${atMs} of ${event.atMs}+${event.forMs}`,
        );
        if (deed.do === "impose") inForce.add(deed.name);
        else if (deed.do === "lift") assert.ok(inForce.delete(deed.name), "it was in force");
        else if (deed.do === "node") lives.set(deed.node, next(lives.get(deed.node)!, deed).life);
      }
      assert.deepEqual([...inForce], []);
      for (const [node, { state }] of lives) assert.equal(state, "running", node);
    }),
    { seed: 9, numRuns: 1000 },
  );
});

test("however events overlap, those that last a while leave every node running and nothing in force", () => {
  const lasting = anyTimeline.map((events) => events.filter((event) => event.forMs !== undefined));
  fc.assert(
    fc.property(lasting, (events) => {
      const inForce = new Set<string>();
      const lives = new Map(all.map((node) => [node, running]));
      for (const { deed } of moments(events)) {
        if (deed.do === "impose") inForce.add(deed.name);
        else if (deed.do === "lift") inForce.delete(deed.name);
        else if (deed.do === "node") lives.set(deed.node, next(lives.get(deed.node)!, deed).life);
      }
      assert.deepEqual([...inForce], []);
      for (const [node, { state }] of lives) assert.equal(state, "running", node);
    }),
    { seed: 10, numRuns: 1000 },
  );
});

test("every impairment has a name of its own, and the name is known as the timeline's", () => {
  fc.assert(
    fc.property(anyTimeline, (events) => {
      const names = moments(events).flatMap(({ deed }) => (deed.do === "impose" ? [deed.name] : []));
      assert.equal(new Set(names).size, names.length);
      assert.ok(names.every(isOfTimeline));
    }),
    { seed: 11 },
  );
});

test("names that people give are not taken for the timeline's", () => {
  for (const name of ["by hand 1", "event", "event horizon", "my event 1", "event 1b", "partition of a"])
    assert.equal(isOfTimeline(name), false, name);
  for (const name of ["event 1", "event 12: flap 1 of a"]) assert.ok(isOfTimeline(name), name);
});

test("on one instant what ends goes before what begins, whatever stands first in the file", () => {
  const [early, late] = [
    { atMs: 0, nodes: ["a"], do: "pause", forMs: 10 },
    { atMs: 10, nodes: ["a"], do: "pause", forMs: 10 },
  ] as const;
  for (const events of [
    [early, late],
    [late, early],
  ]) {
    assert.deepEqual(at(moments(events)), [
      [0, "pause"],
      [10, "resume"],
      [10, "pause"],
      [20, "resume"],
    ]);
  }
});

test("events of one instant keep the order of the file", () => {
  const events: TimelineEvent[] = all.map((node) => ({ atMs: 5, nodes: [node], do: "crash" }));
  assert.deepEqual(
    moments(events).map(({ deed }) => deed.do === "node" && deed.node),
    all,
  );
});

test("what lasts no time at all does nothing, instead of lasting for ever", () => {
  assert.deepEqual(
    moments([
      { atMs: 1, pairs: rule, forMs: 0 },
      { atMs: 1, nodes: ["a"], do: "crash", forMs: 0 },
    ]),
    [],
  );
});

test("without an end an impairment and a crash have none", () => {
  const events: TimelineEvent[] = [
    { atMs: 1, pairs: rule },
    { atMs: 2, nodes: ["a"], do: "crash" },
  ];
  assert.deepEqual(at(moments(events)), [
    [1, "impose"],
    [2, "crash"],
  ]);
});

test("a restart is a crash and a start that ends it for everybody", () => {
  const deeds = moments([{ atMs: 3, nodes: ["a"], do: "restart" }]).map(({ deed }) => deed);
  assert.deepEqual(
    deeds.map((deed) => deed.do === "node" && [deed.action, "hold" in deed]),
    [
      ["crash", true],
      ["start", false],
    ],
  );
});

test("a flap is down for the first half of each period, and its last one ends with it", () => {
  const flap = (forMs: number, everyMs: number) =>
    at(moments([{ atMs: 100, nodes: ["a"], do: "flap", forMs, everyMs }]));
  assert.deepEqual(flap(8, 4), [
    [100, "impose"],
    [102, "lift"],
    [104, "impose"],
    [106, "lift"],
  ]);
  assert.deepEqual(flap(9, 4).slice(4), [
    [108, "impose"],
    [109, "lift"],
  ]);
});

test("churn takes the nodes in turn, one away at a time, until its end", () => {
  const list = moments([{ atMs: 0, nodes: all, do: "churn", everyMs: 10, forMs: 42 }]);
  assert.deepEqual(
    list.map(({ atMs, deed }) => [atMs, deed.do === "node" && `${deed.action} ${deed.node}`]),
    [
      [0, "crash a"],
      [5, "start a"],
      [10, "crash b"],
      [15, "start b"],
      [20, "crash c"],
      [25, "start c"],
      [30, "crash a"],
      [35, "start a"],
      [40, "crash b"],
      [42, "start b"],
    ],
  );
});

test("churn that is shorter than its period still takes a node away", () => {
  assert.deepEqual(at(moments([{ atMs: 0, nodes: all, do: "churn", forMs: 2000 }])), [
    [0, "crash"],
    [2000, "start"],
  ]);
});

test("without an end a flap does three rounds, and churn takes every node once", () => {
  const count = (list: readonly Moment[], which: Deed["do"]) =>
    list.filter(({ deed }) => deed.do === which).length;
  assert.equal(count(moments([{ atMs: 0, nodes: ["a"], do: "flap" }]), "impose"), 3);
  assert.equal(count(moments([{ atMs: 0, nodes: all, do: "churn" }]), "node"), 2 * all.length);
});
