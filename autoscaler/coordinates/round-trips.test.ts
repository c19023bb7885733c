/** A spike is left out, a move is believed at the second word, wide scatter is learnt. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RoundTrips } from "./round-trips.ts";

const unexpected = () => false;

function after(...rttsMs: number[]): RoundTrips {
  const trips = new RoundTrips();
  for (const rttMs of rttsMs) trips.add(rttMs, unexpected);
  return trips;
}

test("the middle of usual round trips is told, and nothing before the first", () => {
  assert.ok(Number.isNaN(new RoundTrips().middleMs));
  assert.equal(after(20, 21, 20.5).middleMs, 20.5);
});

test("a single spike changes nothing, and is forgotten with the next usual round trip", () => {
  assert.equal(after(20, 20, 20, 200, 20, 200).middleMs, 20);
});

test("a second round trip that agrees with a surprise is the path's new length", () => {
  const trips = after(20, 20, 20, 45);
  assert.deepEqual(trips.add(46, unexpected), { is: "moved", byMs: 26 });
  assert.equal(trips.middleMs, 45.5);
});

test("a surprise that was expected is believed at once", () => {
  const trips = after(20, 20, 20);
  assert.equal(trips.add(45, (byMs) => byMs === 25).is, "moved");
  assert.equal(trips.middleMs, 45);
});

test("three surprises in a row that do not agree widen what is usual", () => {
  const trips = after(20, 20, 20, 60, 90, 140);
  assert.equal(trips.middleMs, 90);
  assert.equal(trips.add(75, unexpected).is, "usual");
});
