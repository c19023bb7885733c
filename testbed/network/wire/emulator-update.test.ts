/** Conditions that change while packets fly: nothing is lost, nothing is turned around, schedules are kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Conditions, Network, Segment } from "#testbed/network/conditions.ts";
import { droppedPackets } from "./counters.ts";
import { millisecond, second, TestWire } from "./emulator-for-tests.ts";
import { buildNetwork } from "./network-for-tests.ts";

const one = (conditions: Conditions, nodes = 2) => buildNetwork({ nodes, pairs: [{ conditions }] });
const at = (ms: number) => second + ms * millisecond;
const dueMs = (wire: TestWire) => wire.deliveries.map(({ dueNs }) => (dueNs - second) / millisecond);
const numbers = (wire: TestWire) => wire.deliveries.map(({ number }) => number);

test("packets in flight keep their schedule when the delay rises, and later ones feel the new one", () => {
  const wire = new TestWire(one({ delayMs: 20 }));
  wire.send(0, 1, at(0));
  wire.emulator.update(one({ delayMs: 50 }), [1], at(10));
  wire.send(0, 1, at(10));
  wire.drain();
  assert.deepEqual(dueMs(wire), [20, 60]);
});

test("a drop in delay does not turn a pair's packets around", () => {
  const wire = new TestWire(one({ delayMs: 50 }));
  wire.send(0, 1, at(0), { number: 1 });
  wire.emulator.update(one({ delayMs: 5 }), [1], at(10));
  wire.send(0, 1, at(10), { number: 2 });
  wire.send(0, 1, at(60), { number: 3 });
  wire.drain();
  assert.deepEqual(numbers(wire), [1, 2, 3]);
  assert.deepEqual(dueMs(wire), [50, 50, 65]);
});

test("order that is asked for again holds against packets that were free to overtake", () => {
  const jitter = { spreadMs: 20, distribution: "normal", reorder: true } as const;
  const wire = new TestWire(one({ delayMs: 30, jitter }));
  for (let number = 0; number < 100; number++) wire.send(0, 1, at(number / 10), { number });
  wire.emulator.update(one({ delayMs: 0 }), [1], at(10));
  for (let number = 100; number < 200; number++) wire.send(0, 1, at(number / 10), { number });
  wire.drain();
  assert.deepEqual(
    numbers(wire).slice(100),
    Array.from({ length: 100 }, (_, index) => 100 + index),
  );
});

test("a new rate applies from the next packet that is sent, also to those that wait", () => {
  const wire = new TestWire(one({ delayMs: 0, rateBitsPerSecond: 12e6 }));
  for (let number = 0; number < 4; number++) wire.send(0, 1, at(0));
  wire.emulator.update(one({ delayMs: 0, rateBitsPerSecond: 1.2e6 }), [1], at(1.5));
  wire.drain();
  assert.deepEqual(dueMs(wire), [1, 2, 12, 22]);
});

test("a rate taken away lets go at once of what waited for it, in order", () => {
  const wire = new TestWire(one({ delayMs: 5, rateBitsPerSecond: 1.2e6 }));
  for (let number = 0; number < 4; number++) wire.send(0, 1, at(0), { number });
  wire.emulator.update(one({ delayMs: 5 }), [1], at(15));
  wire.send(0, 1, at(15), { number: 4 });
  wire.drain();
  assert.deepEqual(numbers(wire), [0, 1, 2, 3, 4]);
  assert.deepEqual(dueMs(wire), [15, 20, 20, 20, 20]);
  assert.equal(wire.counters.readPair(0, 1).queuedBytes, 0);
});

test("a pair's own rate that comes and goes a thousand times under traffic loses nothing", () => {
  const wire = new TestWire(one({ delayMs: 0 }));
  for (let round = 0; round < 1000; round++) {
    wire.send(0, 1, at(2 * round));
    wire.emulator.update(one({ delayMs: 0, rateBitsPerSecond: 1e6 }), [1], at(2 * round));
    wire.send(0, 1, at(2 * round));
    wire.emulator.update(one({ delayMs: 0 }), [1], at(2 * round + 1));
  }
  wire.drain();
  assert.equal(wire.deliveries.length, 2000);
});

test("the other pairs' queue on a shared link stays when one pair is rerouted around it", () => {
  const segments: Segment[] = [{ name: "trunk", rateBitsPerSecond: 12e6 }];
  const over = (path: number[]) =>
    buildNetwork({
      nodes: 3,
      segments,
      pairs: [
        { from: 0, to: 2, conditions: { delayMs: 0 }, path },
        { from: 1, to: 2, conditions: { delayMs: 0 }, path: [0] },
      ],
    });
  const wire = new TestWire(over([0]));
  for (let number = 0; number < 3; number++) for (const from of [0, 1]) wire.send(from, 2, at(0), { number });
  wire.emulator.update(over([]), [2], at(0.5));
  wire.drain();
  assert.deepEqual(
    wire.dueNsOf(0, 2).map((dueNs) => (dueNs - second) / millisecond),
    [0.5, 0.5, 0.5],
  );
  // The link stays busy until the packet that it was sending would have left.
  assert.deepEqual(
    wire.dueNsOf(1, 2).map((dueNs) => (dueNs - second) / millisecond),
    [2, 3, 4],
  );
});

test("segments keep their queues when the network numbers them anew", () => {
  const up = { name: "up 0", rateBitsPerSecond: 12e6 };
  const other = { name: "up 1", rateBitsPerSecond: 1e6 };
  const pairs = [{ conditions: { delayMs: 0 } }];
  const wire = new TestWire(buildNetwork({ nodes: 2, pairs, segments: [up], up: { 0: 0 } }));
  for (let number = 0; number < 3; number++) wire.send(0, 1, at(0));
  const renumbered = buildNetwork({ nodes: 2, pairs, segments: [other, up], up: { 0: 1, 1: 0 } });
  wire.emulator.update(renumbered, [], at(0.5));
  wire.drain();
  assert.deepEqual(dueMs(wire), [1, 2, 3]);
});

test("two segments of one name are two rates", () => {
  const link = { name: "a->b", rateBitsPerSecond: 12e6 };
  const network = buildNetwork({
    nodes: 3,
    segments: [link, link],
    pairs: [0, 1].map((from) => ({ from, to: 2, conditions: { delayMs: 0 }, path: [from] })),
  });
  const wire = new TestWire(network);
  for (const from of [0, 1]) wire.send(from, 2, at(0));
  wire.emulator.update(structuredClone(network), undefined, at(0.5));
  wire.drain();
  assert.deepEqual(dueMs(wire), [1, 1]);
});

test("nodes are added while others' packets fly, and a pair beyond the network's nodes is cut", () => {
  const wire = new TestWire(one({ delayMs: 10 }, 2), { nodeCapacity: 4 });
  wire.send(0, 1, at(0));
  wire.send(0, 2, at(0));
  wire.emulator.update(one({ delayMs: 10 }, 3), [], at(1));
  wire.send(0, 2, at(1));
  wire.drain();
  assert.deepEqual(
    wire.deliveries.map(({ to }) => to),
    [1, 2],
  );
  assert.equal(wire.counters.readPair(0, 2).droppedCut, 1);
});

test("fewer nodes than before, or more than the counters have room for, are refused", () => {
  const wire = new TestWire(one({ delayMs: 10 }, 3));
  assert.throws(() => wire.emulator.update(one({ delayMs: 1 }, 2), [], at(0)), /3 nodes was updated to 2/);
  assert.throws(() => wire.emulator.update(one({ delayMs: 1 }, 4), [], at(0)), /room for 3/);
});

const conditions: fc.Arbitrary<Conditions> = fc.record(
  {
    delayMs: fc.constantFrom(0, 1, 20),
    jitter: fc.record({
      spreadMs: fc.constantFrom(0.1, 5),
      distribution: fc.constantFrom("normal" as const, "uniform" as const, "pareto" as const),
      reorder: fc.constant(false),
    }),
    loss: fc.constantFrom<NonNullable<Conditions["loss"]>>(
      { model: "random", ratio: 0.2 },
      { model: "bursts", enter: 0.2, leave: 0.5, lossGood: 0.01, lossBad: 0.9 },
    ),
    duplicateRatio: fc.constant(0.3),
    corruptRatio: fc.constant(0.3),
    rateBitsPerSecond: fc.constantFrom(1e6, 20e6),
    queue: fc.record({
      limitBytes: fc.constantFrom(3000, 100_000),
      discipline: fc.constantFrom("drop-tail" as const, "codel" as const),
      ecn: fc.boolean(),
    }),
    mtuBytes: fc.constantFrom(900, 1500),
    cut: fc.boolean(),
  },
  { requiredKeys: ["delayMs"] },
);

const nodes = 3;
const segments = fc.record({
  rates: fc.array(fc.constantFrom(2e6, 50e6), { minLength: 3, maxLength: 3 }),
  up: fc.option(fc.constantFrom(0, 1), { nil: -1 }),
  down: fc.option(fc.constantFrom(1, 2), { nil: -1 }),
  path: fc.constantFrom<number[]>([], [0], [2, 0]),
});

const networks: fc.Arbitrary<Network> = fc
  .record({ sets: fc.array(conditions, { minLength: nodes, maxLength: nodes }), links: segments })
  .map(({ sets, links }) =>
    buildNetwork({
      nodes,
      segments: links.rates.map((rateBitsPerSecond, index) => ({ name: `s${index}`, rateBitsPerSecond })),
      up: { 0: links.up, 1: links.up },
      down: { 2: links.down },
      pairs: sets.map((set, from) => ({ from, conditions: set, path: links.path })),
    }),
  );

const acts = fc.array(
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        do: fc.constant("send" as const),
        from: fc.nat(nodes - 1),
        to: fc.nat(nodes - 1),
        bytes: fc.constantFrom(64, 800, 1500),
        afterMs: fc.constantFrom(0, 0, 0.1, 3),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("advance" as const),
        afterMs: fc.constantFrom(0, 1, 30),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("update" as const), network: networks }),
    },
  ),
  { minLength: 20, maxLength: 300 },
);

test("whatever is sent and changed: all that arrived is delivered, dropped for a reason, or in flight", () => {
  fc.assert(
    fc.property(networks, acts, (network, script) => {
      const wire = new TestWire(network, { slots: 40 });
      const packet = new Map<number, string>();
      const last = new Map<string, number>();
      wire.onDelivery = (_, { number, from, to }) => {
        const pair = `${from} ${to}`;
        assert.equal(packet.get(number), pair);
        assert.ok(number >= (last.get(pair) ?? 0), "a pair's packets were turned around");
        last.set(pair, number);
      };
      // Bit flips would change the packets' numbers; another test looks at those.
      wire.pool.flipBit = () => {};
      let nowNs = second;
      script.forEach((act, number) => {
        if (act.do !== "update") nowNs += act.afterMs * millisecond;
        if (act.do === "update") wire.emulator.update(act.network, undefined, nowNs);
        if (act.do === "advance") wire.emulator.advance(nowNs);
        if (act.do === "send") {
          packet.set(number, `${act.from} ${act.to}`);
          wire.send(act.from, act.to, nowNs, { bytes: act.bytes, number });
        }
        const { packets, duplicated, deliveredPackets, ...rest } = wire.counters.readTotal();
        const gone = deliveredPackets + droppedPackets({ packets, duplicated, deliveredPackets, ...rest });
        assert.equal(packets + duplicated - gone, wire.pool.slots - wire.pool.freeSlots);
      });
      wire.drain();
      assert.equal(wire.pool.freeSlots, wire.pool.slots, "a slot leaked");
      assert.equal(wire.counters.readTotal().queuedBytes, 0);
    }),
    { numRuns: 150 },
  );
});
