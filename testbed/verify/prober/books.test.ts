import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { payloadBytes } from "../probe-size.ts";
import { isWhole, warmUp, writePayload } from "./payload.ts";
import { ProbeBook } from "./probe-book.ts";
import { rateOf } from "./train-book.ts";

const memory = new Int32Array(32);
const couples = [
  { a: 0, b: 1, family: 4 as const, count: 3 },
  { a: 1, b: 2, family: 4 as const, count: 2 },
];

function arrive(book: ProbeBook, flow: number, turn: number, atNs: number): void {
  writePayload(memory, 0, flow, turn);
  const { a, b } = couples[flow >> 1]!;
  const [from, to] = flow % 2 === 0 ? [a, b] : [b, a];
  book.arrived(to, from, 4, memory, 0, payloadBytes, atNs);
}

test("any one flipped bit, and any missing byte, is noticed", () => {
  const numbers = fc.tuple(fc.nat(100_000), fc.nat(100_000), fc.nat(payloadBytes * 8 - 1));
  fc.assert(
    fc.property(numbers, ([flow, turn, bit]) => {
      writePayload(memory, 4, flow, turn);
      assert.ok(isWhole(memory, 4, payloadBytes));
      assert.ok(!isWhole(memory, 4, payloadBytes - 1));
      memory[4 + (bit >> 5)]! ^= 1 << (bit & 31);
      assert.ok(!isWhole(memory, 4, payloadBytes));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("delays, round trips, copies, losses and overtaking are told apart", () => {
  const book = new ProbeBook(couples);
  for (let turn = 0; turn < 3; turn++) {
    book.sent(0, turn, turn * 1e6);
    book.sent(1, turn, turn * 1e6);
  }
  arrive(book, 0, 0, 5e6);
  arrive(book, 0, 2, 6e6);
  arrive(book, 0, 1, 7e6); // After the one that was sent later.
  arrive(book, 1, 1, 4e6);
  arrive(book, 1, 1, 4e6); // A copy.
  assert.equal(book.outstanding, 2);
  const [first, second] = book.results();
  const { oneWayMs, ...counts } = first!.forward;
  assert.deepEqual(counts, { sent: 3, arrived: 3, duplicates: 0, corrupted: 0, overtaken: 1 });
  assert.equal(oneWayMs?.median, 5);
  assert.equal(first!.back.arrived, 1);
  assert.equal(first!.back.duplicates, 1);
  assert.equal(first!.roundTripMs?.count, 1);
  assert.equal(first!.roundTripMs?.mean, 9);
  assert.equal(second!.forward.sent, 0);
  assert.equal(second!.roundTripMs, undefined);
});

test("a damaged probe counts for the pair of its addresses, a warm-up and a stranger's packet for nobody", () => {
  const book = new ProbeBook(couples);
  book.sent(2, 0, 0);
  writePayload(memory, 0, 2, 0);
  memory[5]! ^= 4;
  book.arrived(2, 1, 4, memory, 0, payloadBytes, 1e6);
  book.arrived(2, -1, 4, memory, 0, payloadBytes, 1e6);
  arrive(book, 0, warmUp, 1e6);
  const [first, second] = book.results();
  assert.equal(second!.forward.corrupted, 1);
  assert.equal(second!.forward.arrived, 0);
  assert.equal(first!.forward.arrived, 0);
  assert.equal(book.outstanding, 0);
});

/** Of packets of 1000 bytes. */
function rate(arrivalsMs: readonly number[], lagPackets: number): number | undefined {
  const shape = { packetBytes: 1000, lagPackets, trim: 0, offeredBitsPerSecond: 10e6 };
  return rateOf(
    arrivalsMs.map((ms) => ms * 1e6),
    shape,
  );
}
const everyMs = Array.from({ length: 40 }, (_, index) => index);

test("a packet of 1000 bytes each millisecond is 8 Mbit/s", () => {
  assert.equal(rate(everyMs, 20), 8e6);
});

test("one packet that the machine held up does not move the rate", () => {
  assert.equal(
    rate(
      everyMs.map((ms) => (ms === 39 ? 60 : ms)),
      20,
    ),
    8e6,
  );
});

test("a delay that jumps within the train is not taken for a slower link, seen over short stretches", () => {
  assert.equal(
    rate(
      everyMs.map((ms) => (ms >= 20 ? ms + 15 : ms)),
      5,
    ),
    8e6,
  );
});

test("packets that a falling delay pushed together are not taken for a faster link", () => {
  assert.equal(
    rate(
      everyMs.map((ms) => Math.max(ms, 25)),
      4,
    ),
    8e6,
  );
});

test("a link without the asked limit shows the rate at which it was offered", () => {
  assert.equal(
    rate(
      everyMs.map((ms) => (ms < 8 ? 0 : (ms - 8) * 0.8)),
      20,
    ),
    10e6,
  );
});

test("fewer than two packets show no rate", () => {
  assert.equal(rate([], 5), undefined);
  assert.equal(rate([1], 5), undefined);
});
