import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { payloadBytes } from "../probe-size.ts";
import { isWhole, writePayload } from "./payload.ts";
import { rateOf, TrainBook } from "./train-book.ts";

const memory = new Int32Array(32);

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

const train = {
  ...{ packetBytes: 1000, packets: 40, headPackets: 8, offeredBitsPerSecond: 10e6, lagPackets: 20, trim: 0 },
  ...{ lowBitsPerSecond: 0, highBitsPerSecond: 1e9, spanMs: 60 },
};
const trains = [
  { ...train, from: 0, to: 1, startMs: 0 },
  { ...train, from: 1, to: 0, startMs: 100 },
];

test("a train between two probers is one's departures and the other's arrivals, and lasts until the last is there", () => {
  const [sender, receiver] = [0, 1].map(
    (here) => new TrainBook(trains, 5e9, (endpoint) => endpoint === here),
  );
  sender!.sent(0, 8, 5e9);
  sender!.sent(0, 32, 5.032e9);
  for (let packet = 0; packet < 40; packet++) {
    assert.ok(!receiver!.isThrough());
    receiver!.arrived(1, 0, 5.02e9 + packet * 1e6);
  }
  assert.ok(receiver!.isThrough());
  assert.ok(!sender!.isThrough());
  const [sent, received] = [sender!.log()[0]!, receiver!.log()[0]!];
  assert.deepEqual(sent, { train: 0, sent: { packets: 40, offeredBitsPerSecond: 10e6 } });
  assert.deepEqual(received, { train: 0, received: { packets: 40, rateBitsPerSecond: 8e6 } });
});

test("what comes before a train has begun is not counted as its own", () => {
  const book = new TrainBook(trains, 0, () => true);
  for (const atMs of [3, 90, 99, 101]) book.arrived(0, 1, atMs * 1e6);
  assert.equal(book.log()[1]!.received!.packets, 2);
});
