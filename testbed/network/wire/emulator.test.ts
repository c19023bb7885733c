import assert from "node:assert/strict";
import { test } from "node:test";
import type { Conditions } from "#testbed/network/conditions.ts";
import { type Delivery, millisecond, second, TestWire } from "./emulator-for-tests.ts";
import { buildNetwork } from "./network-for-tests.ts";

const one = (conditions: Conditions, nodes = 2) => buildNetwork({ nodes, pairs: [{ conditions }] });

function sendMany(wire: TestWire, packets: number, everyNs: number): void {
  for (let number = 0; number < packets; number++) wire.send(0, 1, second + number * everyNs, { number });
  wire.drain();
}

test("a delay is exact, per direction", () => {
  const network = buildNetwork({
    nodes: 2,
    pairs: [
      { from: 0, to: 1, conditions: { delayMs: 25 } },
      { from: 1, to: 0, conditions: { delayMs: 1.5 } },
    ],
  });
  const wire = new TestWire(network);
  wire.send(0, 1, second);
  wire.send(1, 0, second + 17);
  assert.equal(wire.emulator.nextDueNs(), second + 17 + 1.5 * millisecond);
  wire.drain();
  assert.deepEqual(
    wire.deliveries.map(({ from, dueNs }) => [from, dueNs]),
    [
      [1, second + 17 + 1.5 * millisecond],
      [0, second + 25 * millisecond],
    ],
  );
  assert.equal(wire.emulator.nextDueNs(), Infinity);
});

test("nothing is delivered before it is due", () => {
  const wire = new TestWire(one({ delayMs: 5 }));
  wire.send(0, 1, second);
  wire.emulator.advance(second + 5 * millisecond - 1);
  assert.equal(wire.deliveries.length, 0);
  wire.emulator.advance(second + 5 * millisecond);
  assert.equal(wire.deliveries.length, 1);
});

test("a stamp behind the clock counts for the delay as it is", () => {
  const wire = new TestWire(one({ delayMs: 5 }));
  wire.emulator.advance(second + millisecond);
  wire.send(0, 1, second);
  assert.equal(wire.emulator.nextDueNs(), second + 5 * millisecond);
});

test("packets are delivered in the order of their due times over all pairs", () => {
  const delays = [3, 11, 7, 29];
  const network = buildNetwork({
    nodes: 4,
    pairs: delays.map((delayMs, from) => ({ from, conditions: { delayMs } })),
  });
  const wire = new TestWire(network);
  for (let at = 0; at < 2000; at++) wire.send(at % 4, (at + 1) % 4, second + at * 100_000);
  wire.drain();
  wire.deliveries.reduce((before, now) => {
    assert.ok(now.dueNs >= before.dueNs);
    return now;
  });
  assert.equal(wire.deliveries.length, 2000);
});

test("a cut pair loses everything and says why; its reverse is untouched", () => {
  const network = buildNetwork({
    nodes: 2,
    pairs: [{ from: 0, to: 1, conditions: { delayMs: 5, cut: true } }],
  });
  const wire = new TestWire(network);
  wire.send(0, 1, second);
  wire.send(1, 0, second);
  wire.drain();
  assert.equal(wire.counters.readPair(0, 1).droppedCut, 1);
  assert.equal(wire.counters.readPair(1, 0).deliveredPackets, 1);
});

test("a packet over the pair's MTU is dropped as that, one of its size is not", () => {
  const wire = new TestWire(one({ delayMs: 0, mtuBytes: 1400 }));
  wire.send(0, 1, second, { bytes: 1400 });
  wire.send(0, 1, second, { bytes: 1401 });
  wire.drain();
  const { deliveredPackets, droppedMtu } = wire.counters.readPair(0, 1);
  assert.deepEqual([deliveredPackets, droppedMtu], [1, 1]);
});

for (const ratio of [0.001, 0.01, 0.1]) {
  test(`loss of ${ratio * 100} % lies inside the 99 % binomial interval for most of 100 seeds`, () => {
    const packets = 20_000;
    const reach = 2.576 * Math.sqrt(packets * ratio * (1 - ratio));
    let inside = 0;
    for (let seed = 0; seed < 100; seed++) {
      const wire = new TestWire(one({ delayMs: 0, loss: { model: "random", ratio } }), { seed, slots: 8 });
      for (let number = 0; number < packets; number++) wire.send(0, 1, second + number, { bytes: 64 });
      wire.drain();
      if (Math.abs(wire.counters.readPair(0, 1).droppedLoss - packets * ratio) <= reach) inside++;
    }
    // One in a hundred may lie outside; five would happen by chance once in 300 such tests.
    assert.ok(inside >= 95, `${inside} of 100 inside`);
  });
}

test("bursts of loss have the asked mean length", () => {
  const wire = new TestWire(
    one({ delayMs: 0, loss: { model: "bursts", enter: 0.005, leave: 0.2, lossGood: 0, lossBad: 1 } }),
  );
  sendMany(wire, 100_000, 1000);
  const arrived = wire.deliveries.map(({ number }) => number);
  const gaps = arrived.slice(1).flatMap((number, at) => number - arrived[at]! - 1 || []);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  assert.ok(Math.abs(mean / 5 - 1) < 0.15, `mean burst ${mean}`);
});

test("a duplicate is a second packet with the same content, counted as such", () => {
  const wire = new TestWire(one({ delayMs: 3, duplicateRatio: 0.1 }));
  sendMany(wire, 10_000, 100_000);
  const { duplicated, deliveredPackets } = wire.counters.readPair(0, 1);
  assert.ok(Math.abs(duplicated - 1000) < 120, `${duplicated} duplicated`);
  assert.equal(deliveredPackets, 10_000 + duplicated);
  const seen = new Map<number, number>();
  for (const { number } of wire.deliveries) seen.set(number, (seen.get(number) ?? 0) + 1);
  assert.equal([...seen.values()].filter((times) => times === 2).length, duplicated);
  assert.equal(wire.pool.freeSlots, wire.pool.slots);
});

test("corruption flips exactly one bit of a packet, and none of its IP header", () => {
  const wire = new TestWire(one({ delayMs: 0, corruptRatio: 0.5 }));
  let flippedPackets = 0;
  wire.onDelivery = (slot) => {
    const packet = wire.packet(slot);
    let flipped = 0;
    for (let at = 20; at < 200; at++) flipped += packet.getUint8(at).toString(2).replaceAll("0", "").length;
    assert.equal(packet.getUint32(0), 0x45020000 + 200);
    assert.ok(flipped <= 1);
    flippedPackets += flipped;
    for (let at = 20; at < 200; at++) packet.setUint8(at, 0);
  };
  for (let at = 0; at < 2000; at++) wire.send(0, 1, second + at * 1000, { bytes: 200 });
  wire.drain();
  assert.equal(wire.counters.readPair(0, 1).corrupted, flippedPackets);
  assert.ok(Math.abs(flippedPackets - 1000) < 100, `${flippedPackets}`);
});

test("without free slots packets and copies are dropped as overload", () => {
  const wire = new TestWire(one({ delayMs: 5, duplicateRatio: 1 }), { slots: 3 });
  for (let at = 0; at < 4; at++) wire.send(0, 1, second);
  wire.drain();
  const { packets, duplicated, deliveredPackets, droppedOverload } = wire.counters.readPair(0, 1);
  assert.deepEqual([packets, duplicated, deliveredPackets, droppedOverload], [4, 2, 3, 3]);
});

test("the added delay is counted from arrival to due, its sum and its maximum", () => {
  const wire = new TestWire(one({ delayMs: 5, rateBitsPerSecond: 12e6 }));
  wire.send(0, 1, second);
  wire.send(0, 1, second);
  wire.drain();
  const { delaySumNs, delayMaxNs } = wire.counters.readPair(0, 1);
  assert.deepEqual([delaySumNs / millisecond, delayMaxNs / millisecond], [13, 7]);
});

const jittered: Conditions = {
  delayMs: 10,
  jitter: { spreadMs: 5, distribution: "normal", reorder: false },
};

function inversions(deliveries: readonly Delivery[]): number {
  return deliveries.filter(({ number }, at) => at > 0 && number < deliveries[at - 1]!.number).length;
}

test("jitter keeps a pair's order, and gives it up by choice", () => {
  const ordered = new TestWire(one(jittered));
  sendMany(ordered, 20_000, 50_000);
  assert.equal(inversions(ordered.deliveries), 0);
  const overtaking = new TestWire(one({ ...jittered, jitter: { ...jittered.jitter!, reorder: true } }));
  sendMany(overtaking, 20_000, 50_000);
  assert.ok(inversions(overtaking.deliveries) > 5000);
});

test("no packet is due before it arrived, however large the jitter", () => {
  for (const reorder of [false, true]) {
    const jitter = { spreadMs: 50, distribution: "normal", reorder } as const;
    const wire = new TestWire(one({ delayMs: 10, jitter }));
    wire.onDelivery = (_, { number, dueNs }) => assert.ok(dueNs >= second + number * millisecond);
    sendMany(wire, 5000, millisecond);
  }
});

const busy: Conditions = {
  ...jittered,
  loss: { model: "random", ratio: 0.05 },
  duplicateRatio: 0.05,
  corruptRatio: 0.05,
  rateBitsPerSecond: 50e6,
};

/** Some traffic over three nodes with everything switched on; `everyNs` between calls of advance. */
function schedule(seed: number, advanceEveryNs: number, alsoPair?: [number, number]): Delivery[] {
  const network = buildNetwork({
    nodes: 4,
    pairs: [{ conditions: busy }],
    segments: [{ name: "up 0", rateBitsPerSecond: 80e6 }],
    up: { 0: 0 },
  });
  const wire = new TestWire(network, { seed });
  let advancedNs = second;
  for (let number = 0; number < 6000; number++) {
    const atNs = second + number * 100_000;
    for (; advancedNs + advanceEveryNs <= atNs; advancedNs += advanceEveryNs) {
      wire.emulator.advance(advancedNs + advanceEveryNs);
    }
    wire.send(number % 2, 2, atNs, { number, bytes: 200 + (number % 7) * 200 });
    if (alsoPair) wire.send(...alsoPair, atNs, { bytes: 300 });
  }
  wire.drain();
  return wire.deliveries;
}

test("one seed repeats the whole schedule, another does not", () => {
  assert.deepEqual(schedule(3, 1000), schedule(3, 1000));
  assert.notDeepEqual(schedule(3, 1000), schedule(4, 1000));
});

test("advancing every 10 ms gives the due times of advancing every microsecond", () => {
  assert.deepEqual(schedule(5, 10 * millisecond), schedule(5, 1000));
});

test("one pair's traffic does not change what befalls another's", () => {
  const alone = schedule(8, millisecond);
  const beside = schedule(8, millisecond, [1, 3]).filter(({ to }) => to === 2);
  assert.deepEqual(beside, alone);
});
