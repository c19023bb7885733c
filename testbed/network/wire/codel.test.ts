import assert from "node:assert/strict";
import { test } from "node:test";
import { CodelQueues, codelIntervalNs, codelTargetNs } from "./codel.ts";

const target = 5e6;
const interval = 100e6;

/** Times (ms) at which a queue whose packets wait `waitedMs` is dropped from; a packet leaves each ms. */
function dropTimes(waitedMs: (atMs: number) => number, untilMs: number, bytesBehind = 15_000): number[] {
  const codel = new CodelQueues();
  const times: number[] = [];
  for (let atMs = 1; atMs <= untilMs; atMs++) {
    if (codel.condemns(3, atMs * 1e6, waitedMs(atMs) * 1e6, bytesBehind, target, interval)) times.push(atMs);
  }
  return times;
}

test("a wait below the target is never punished, nor is a queue of one packet", () => {
  assert.deepEqual(
    dropTimes(() => 4.9, 2000),
    [],
  );
  assert.deepEqual(
    dropTimes(() => 50, 2000, 1500),
    [],
  );
});

test("a burst that is gone within the interval is left alone", () => {
  assert.deepEqual(
    dropTimes((atMs) => (atMs % 100 < 90 ? 30 : 1), 3000),
    [],
  );
});

test("a standing queue is dropped from after one interval, then at intervals shrunk by the root of the count", () => {
  // Times of RFC 8289's control law: 101, then + 100, + 100/sqrt 2, + 100/sqrt 3, + 100/2, rounded up.
  assert.deepEqual(
    dropTimes(() => 20, 400),
    [101, 201, 272, 330, 380],
  );
});

test("a queue that stands again soon after resumes near the drop rate it had", () => {
  const times = dropTimes((atMs) => (atMs > 1000 && atMs < 1010 ? 1 : 20), 1300);
  const [first, second] = times.filter((atMs) => atMs > 1010);
  assert.equal(first, 1110);
  assert.ok(second! - first! < 40, `${second! - first!} ms between the first two drops`);
});

test("the target is 5 ms, and one packet's time where that is longer", () => {
  assert.equal(codelTargetNs(100e6), 5e6);
  assert.equal(codelTargetNs(1e6), 12e6);
  assert.equal(codelIntervalNs(1e6), 100e6);
  assert.equal(codelIntervalNs(64e3), 375e6);
});
