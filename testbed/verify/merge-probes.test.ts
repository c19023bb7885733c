import assert from "node:assert/strict";
import { test } from "node:test";
import { type MachineClock, otherClock, sameClock } from "./machine-clocks.ts";
import { mergeProbes } from "./merge-probes.ts";
import { payloadBytes } from "./probe-size.ts";
import { flowsOf } from "./prober/moments.ts";
import { warmUp, writePayload } from "./prober/payload.ts";
import { ProbeBook } from "./prober/probe-book.ts";

const memory = new Int32Array(32);
const couples = [
  { a: 0, b: 1, family: 4 as const, count: 3 },
  { a: 1, b: 2, family: 4 as const, count: 2 },
];
const flows = flowsOf(couples);
const ours = sameClock("here", 0);

/** Probers by the endpoints that they serve, and the clock of each. */
class Probers {
  readonly books: ProbeBook[];
  readonly #served: readonly (readonly number[])[];

  constructor(...served: (readonly number[])[]) {
    this.#served = served;
    this.books = served.map((here) => new ProbeBook(flows, (endpoint) => here.includes(endpoint)));
  }

  bookOf(endpoint: number): ProbeBook {
    return this.books[this.#served.findIndex((here) => here.includes(endpoint))]!;
  }

  sent(flow: number, turn: number, atNs: number): void {
    this.bookOf(flows[flow]!.from).sent(flow, turn, atNs);
  }

  arrived(flow: number, turn: number, atNs: number): void {
    writePayload(memory, 0, flow, turn);
    const { from, to } = flows[flow]!;
    this.bookOf(to).arrived(to, from, 4, memory, 0, payloadBytes, atNs);
  }

  results(...clocks: MachineClock[]) {
    return mergeProbes(
      couples,
      this.books.map((book, index) => ({
        isHere: (endpoint) => this.#served[index]!.includes(endpoint),
        clock: clocks[index]!,
        log: book.log(),
      })),
    );
  }
}

test("delays, round trips, copies, losses and overtaking are told apart", () => {
  const one = new Probers([0, 1, 2]);
  for (let turn = 0; turn < 3; turn++) {
    one.sent(0, turn, turn * 1e6);
    one.sent(1, turn, turn * 1e6);
  }
  one.arrived(0, 0, 5e6);
  one.arrived(0, 2, 6e6);
  one.arrived(0, 1, 7e6); // After the one that was sent later.
  one.arrived(1, 1, 4e6);
  one.arrived(1, 1, 4e6); // A copy.
  assert.equal(one.books[0]!.outstanding, 2);
  const [first, second] = one.results(ours);
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
  const one = new Probers([0, 1, 2]);
  const [book] = one.books as [ProbeBook];
  one.sent(2, 0, 0);
  writePayload(memory, 0, 2, 0);
  memory[5]! ^= 4;
  book.arrived(2, 1, 4, memory, 0, payloadBytes, 1e6);
  book.arrived(2, -1, 4, memory, 0, payloadBytes, 1e6);
  one.arrived(0, warmUp, 1e6);
  const [first, second] = one.results(ours);
  assert.equal(second!.forward.corrupted, 1);
  assert.equal(second!.forward.arrived, 0);
  assert.equal(first!.forward.arrived, 0);
  assert.equal(book.outstanding, 0);
});

/** 20 ms there and 30 back between endpoints 0 and 1; what endpoint 1 tells is on a clock ahead by `aheadNs`. */
function farAway(aheadNs: number): Probers {
  const two = new Probers([0, 2], [1]);
  for (let turn = 0; turn < 3; turn++) {
    two.sent(0, turn, turn * 1e6);
    two.sent(1, turn, turn * 1e6 + aheadNs);
    two.arrived(0, turn, turn * 1e6 + 20e6 + aheadNs);
    two.arrived(1, turn, turn * 1e6 + 30e6);
  }
  return two;
}

test("delays between two machines are freed of what their clocks are apart, and say how well that is known", () => {
  const clock = otherClock("pi", { atNs: 0, offsetNs: 7e12, uncertaintyNs: 250_000 });
  const [first] = farAway(7e12).results(ours, clock);
  assert.deepEqual([first!.forward.oneWayMs?.median, first!.back.oneWayMs?.median], [20, 30]);
  assert.deepEqual([first!.forward.clockUncertaintyMs, first!.back.clockUncertaintyMs], [0.25, 0.25]);
});

test("a round trip between two machines is right however wrong the offset of their clocks is", () => {
  const clock = otherClock("pi", { atNs: 0, offsetNs: 0, uncertaintyNs: 4e6 });
  const [first] = farAway(4e6).results(ours, clock);
  assert.equal(first!.forward.oneWayMs?.median, 24);
  assert.equal(first!.roundTripMs?.median, 50);
  assert.equal(first!.roundTripMs?.count, 3);
});

test("two probers of one machine need no word about their clock", () => {
  const [first] = farAway(0).results(ours, sameClock("here", 0));
  assert.equal(first!.forward.oneWayMs?.median, 20);
  assert.equal(first!.forward.clockUncertaintyMs, undefined);
});

test("a prober waits for all that others may send it, and not for what it sends them", () => {
  const two = new Probers([0, 2], [1]);
  // Three from 0, and two from 2, which both are of the other prober.
  assert.deepEqual(
    two.books.map(({ outstanding }) => outstanding),
    [5, 5],
  );
  two.sent(0, 0, 0);
  two.arrived(0, 0, 1e6);
  assert.deepEqual(
    two.books.map(({ outstanding }) => outstanding),
    [5, 4],
  );
});
