/** Rates, shares and queues, seen through the emulator: what is promised is when packets come out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Conditions, Queue } from "#testbed/network/conditions.ts";
import { Counters } from "./counters.ts";
import { millisecond, second, TestWire } from "./emulator-for-tests.ts";
import { EventHeap } from "./event-heap.ts";
import { buildNetwork } from "./network-for-tests.ts";
import { PacketPool } from "./packet-pool.ts";
import { PacketTable } from "./packet-table.ts";
import { Shapers } from "./shaper.ts";

const bytes = 1500;
const bigQueue: Queue = { limitBytes: 10e6, discipline: "drop-tail", ecn: false };

function pairRate(conditions: Partial<Conditions>): TestWire {
  return new TestWire(buildNetwork({ nodes: 2, pairs: [{ conditions: { delayMs: 0, ...conditions } }] }));
}

for (const rateMbit of [1, 10, 100, 500]) {
  test(`at ${rateMbit} Mbit/s every packet departs exactly its size over the rate after the one before`, () => {
    const wire = pairRate({ delayMs: 25, rateBitsPerSecond: rateMbit * 1e6, queue: bigQueue });
    const packets = 2000;
    for (let number = 0; number < packets; number++) wire.send(0, 1, second, { number });
    wire.drain();
    const due = wire.dueNsOf(0, 1);
    const packetNs = (bytes * 8000) / rateMbit;
    due.forEach((dueNs, at) => {
      assert.ok(Math.abs(dueNs - (second + 25 * millisecond + (at + 1) * packetNs)) < 0.01, `packet ${at}`);
    });
  });
}

test("a pause is not saved up: the packet after it takes its full time", () => {
  const wire = pairRate({ rateBitsPerSecond: 12e6 });
  for (const atMs of [0, 100, 100]) wire.send(0, 1, second + atMs * millisecond);
  wire.drain();
  assert.deepEqual(
    wire.dueNsOf(0, 1).map((dueNs) => (dueNs - second) / millisecond),
    [1, 101, 102],
  );
});

test("a queue with a limit takes exactly the packets that fit, besides the one being sent", () => {
  const queue: Queue = { limitBytes: 10 * bytes, discipline: "drop-tail", ecn: false };
  const wire = pairRate({ rateBitsPerSecond: 1e6, queue });
  for (let number = 0; number < 15; number++) wire.send(0, 1, second, { number });
  assert.equal(wire.counters.readPair(0, 1).queuedBytes, 11 * bytes);
  wire.drain();
  assert.deepEqual(
    wire.deliveries.map(({ number }) => number),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  assert.equal(wire.counters.readPair(0, 1).droppedQueue, 4);
  assert.equal(wire.counters.readPair(0, 1).queuedBytes, 0);
});

/** What each pair gets through node 0's up link of 10 Mbit/s in two seconds, in Mbit/s. */
function shares(loads: readonly { to: number; rateMbit: number; bytes: number }[]): number[] {
  const wire = new TestWire(
    buildNetwork({
      nodes: 5,
      pairs: [{ conditions: { delayMs: 5 } }],
      segments: [{ name: "up 0", rateBitsPerSecond: 10e6 }],
      up: { 0: 0 },
    }),
  );
  const arrivals = loads.flatMap(({ to, rateMbit, bytes }) => {
    const everyNs = (bytes * 8000) / rateMbit;
    return Array.from({ length: Math.floor((2 * second) / everyNs) }, (_, at) => ({
      to,
      bytes,
      atNs: second + at * everyNs,
    }));
  });
  arrivals.sort((a, b) => a.atNs - b.atNs);
  for (const { to, bytes, atNs } of arrivals) wire.send(0, to, atNs, { bytes });
  wire.emulator.advance(3 * second);
  return loads.map(({ to }) => (wire.counters.readPair(0, to).deliveredBytes * 8) / 2e6);
}

function within(found: readonly number[], wanted: readonly number[], share: number): void {
  found.forEach((value, at) => {
    assert.ok(Math.abs(value / wanted[at]! - 1) < share, `found ${found}, wanted ${wanted}`);
  });
}

test("two pairs that fill an up link get half each, whatever they send", () => {
  const found = shares([
    { to: 1, rateMbit: 40, bytes: 1500 },
    { to: 2, rateMbit: 8, bytes: 1500 },
  ]);
  within(found, [5, 5], 0.02);
});

test("three pairs get a third each even when their packets differ in size", () => {
  const found = shares([
    { to: 1, rateMbit: 20, bytes: 1500 },
    { to: 2, rateMbit: 20, bytes: 300 },
    { to: 3, rateMbit: 20, bytes: 777 },
  ]);
  within(found, [10 / 3, 10 / 3, 10 / 3], 0.02);
});

test("what a pair leaves of its share goes to the others", () => {
  const found = shares([
    { to: 1, rateMbit: 2, bytes: 500 },
    { to: 2, rateMbit: 30, bytes: 1500 },
    { to: 3, rateMbit: 30, bytes: 1000 },
  ]);
  within(found, [2, 4, 4], 0.02);
});

test("a down link is shared by its senders after their own delays", () => {
  const wire = new TestWire(
    buildNetwork({
      nodes: 3,
      pairs: [
        { from: 0, conditions: { delayMs: 1 } },
        { from: 1, conditions: { delayMs: 30 } },
      ],
      segments: [{ name: "down 2", rateBitsPerSecond: 10e6 }],
      down: { 2: 0 },
    }),
  );
  for (let at = 0; at < 2000; at++) {
    for (const from of [0, 1]) wire.send(from, 2, second + at * millisecond);
  }
  wire.emulator.advance(3 * second);
  const got = [0, 1].map((from) => (wire.counters.readPair(from, 2).deliveredBytes * 8) / 2e6);
  // For its first 29 ms the nearer sender has the link to itself.
  within(got, [5, 5], 0.03);
});

test("a path of several links is as fast as its slowest, and each link adds its time", () => {
  const wire = new TestWire(
    buildNetwork({
      nodes: 2,
      pairs: [{ conditions: { delayMs: 10, rateBitsPerSecond: 24e6 }, path: [1, 2] }],
      segments: [
        { name: "up", rateBitsPerSecond: 120e6 },
        { name: "first", rateBitsPerSecond: 12e6 },
        { name: "second", rateBitsPerSecond: 60e6 },
        { name: "down", rateBitsPerSecond: 120e6 },
      ],
      up: { 0: 0 },
      down: { 1: 3 },
    }),
  );
  for (let number = 0; number < 10; number++) wire.send(0, 1, second);
  wire.drain();
  wire.dueNsOf(0, 1).forEach((dueNs, at) => {
    const wantedMs = 0.1 + 1 + 0.2 + 0.5 + 10 + 0.1 + at;
    assert.ok(Math.abs((dueNs - second) / millisecond - wantedMs) < 1e-6, `packet ${at}`);
  });
});

/** A sender at 10.5 Mbit/s on a link of 10 with a deep queue, for ten seconds: mean wait of the last five. */
function overload(queue: Queue): { meanWaitMs: number; wire: TestWire } {
  const wire = pairRate({ rateBitsPerSecond: 10e6, queue });
  const waits: number[] = [];
  const sentNs: number[] = [];
  wire.onDelivery = (_, { number, dueNs }) => {
    if (sentNs[number]! > 6 * second) waits.push((dueNs - sentNs[number]!) / millisecond - 1.2);
  };
  for (let number = 0; number < 8750; number++) {
    sentNs.push(second + (number * second) / 875);
    wire.send(0, 1, sentNs[number]!, { number });
  }
  wire.emulator.advance(11 * second);
  return { meanWaitMs: waits.reduce((sum, value) => sum + value, 0) / waits.length, wire };
}

test("CoDel keeps the wait short where drop-tail fills the queue", () => {
  const limitBytes = 1e6;
  const dropTail = overload({ limitBytes, discipline: "drop-tail", ecn: false });
  const codel = overload({ limitBytes, discipline: "codel", ecn: false });
  assert.ok(dropTail.meanWaitMs > 300, `drop-tail ${dropTail.meanWaitMs} ms`);
  assert.ok(codel.meanWaitMs < 15, `CoDel ${codel.meanWaitMs} ms`);
  assert.ok(codel.wire.counters.readPair(0, 1).droppedQueue > 200);
  assert.equal(codel.wire.counters.readPair(0, 1).marked, 0);
});

test("CoDel with ECN marks packets instead of dropping them, and the marks are on the packets", () => {
  const queue: Queue = { limitBytes: 1e6, discipline: "codel", ecn: true };
  const wire = pairRate({ rateBitsPerSecond: 10e6, queue });
  let marked = 0;
  wire.onDelivery = (slot) => {
    if ((wire.packet(slot).getUint8(1) & 3) === 3) marked++;
  };
  for (let number = 0; number < 1000; number++) wire.send(0, 1, second + number * millisecond);
  wire.drain();
  const counters = wire.counters.readPair(0, 1);
  assert.equal(counters.droppedQueue, 0);
  assert.equal(counters.deliveredPackets, 1000);
  assert.ok(marked > 5, `${marked} marked`);
  assert.equal(counters.marked, marked);
});

test("a shaper's number is used again once it is idle, and not while its last packet would still be on its way", () => {
  const pool = new PacketPool(new Uint8Array(4 * 64), 64);
  const packets = new PacketTable(pool, new Counters(new SharedArrayBuffer(Counters.bytesFor(1)), 1));
  const heap = new EventHeap(4);
  const shapers = new Shapers(packets, heap);
  const shaper = shapers.addShaper(8e9, undefined);
  const flow = shapers.addFlows(1);
  shapers.setFlow(flow, shaper);
  const slot = pool.allocate();
  packets.note(slot, 0, 64, 0, 0, 0);
  shapers.offer(flow, slot, 1000);
  assert.ok(shapers.holdsPackets(flow));
  const flushed: number[] = [];
  shapers.flush(flow, flushed);
  assert.deepEqual(flushed, [slot]);
  shapers.removeShaper(shaper);
  const second = shapers.addShaper(1e6, undefined);
  assert.notEqual(second, shaper);
  assert.equal(shapers.depart(shaper, heap.topTimeNs), -1);
  assert.equal(shapers.addShaper(1e6, undefined), shaper);
});
