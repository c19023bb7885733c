import assert from "node:assert/strict";
import { test } from "node:test";
import { nothingAsked } from "./asked-for-tests.ts";
import { budgetBitsPerSecond, scheduleTrains, trainFor, type WaitingTrain, type Way } from "./trains.ts";

const mtuBytes = 1500;
const waiting = (rateBitsPerSecond: number, way: Way, delayMs = 0): WaitingTrain => {
  const asked = { ...nothingAsked, delayMs, rateBitsPerSecond };
  return { train: trainFor(asked, mtuBytes), asked, way };
};
const through = (before: number[], after: number[] = []): Way => ({ beforeDelay: before, afterDelay: after });

test("a train is offered faster than its rate, by more where some of it gets lost", () => {
  const plain = trainFor({ ...nothingAsked, rateBitsPerSecond: 10e6 }, mtuBytes);
  assert.equal(plain.offeredBitsPerSecond, 12.5e6);
  const lossy = trainFor({ ...nothingAsked, rateBitsPerSecond: 10e6, lossRatio: 0.2 }, mtuBytes);
  assert.equal(lossy.offeredBitsPerSecond, 12.5e6 / 0.8);
  assert.ok(lossy.packets > plain.packets);
});

test("slow links get small packets and enough of them, fast ones no more than their MTU", () => {
  const slow = trainFor({ ...nothingAsked, rateBitsPerSecond: 1e6 }, mtuBytes);
  assert.equal(slow.packetBytes, 250);
  assert.ok(slow.packets >= 12);
  assert.equal(trainFor({ ...nothingAsked, rateBitsPerSecond: 100e6 }, mtuBytes).packetBytes, 1500);
  assert.equal(
    trainFor({ ...nothingAsked, rateBitsPerSecond: 100e6, mtuBytes: 576 }, mtuBytes).packetBytes,
    576,
  );
});

test("two transfers through one up link run one after the other, through different ones at once", () => {
  const one = waiting(10e6, through([0], [2]));
  const same = waiting(10e6, through([0], [3]));
  const other = waiting(10e6, through([1], [4]));
  const { startMs } = scheduleTrains([one, same, other], 5, 1000);
  assert.equal(startMs[0], 0);
  assert.equal(startMs[2], 0);
  assert.ok(startMs[1]! >= one.train.spanMs - 2);
});

test("a down link is taken when the packets get there, not when they leave", () => {
  const far = waiting(10e6, through([0], [2]), 500);
  const near = waiting(10e6, through([1], [2]));
  const { startMs } = scheduleTrains([far, near], 3, 2000);
  assert.deepEqual(startMs, [0, 0]);
  const alsoFar = waiting(10e6, through([1], [2]), 500);
  assert.ok(scheduleTrains([far, alsoFar], 3, 2000).startMs[1]! > 20);
});

test("at no moment do all transfers together exceed the budget", () => {
  const trains = Array.from({ length: 20 }, (_, node) => waiting(100e6, through([node])));
  const { startMs } = scheduleTrains(trains, 20, 5000);
  for (const at of startMs) {
    const running = startMs.filter((start) => start! <= at! && at! < start! + 30).length;
    assert.ok(running * 100e6 <= budgetBitsPerSecond);
  }
});

test("210 pairs of 15 nodes at 100 Mbit/s fit into three seconds", () => {
  const pairs: WaitingTrain[] = [];
  for (let turn = 1; turn < 15; turn++) {
    for (let from = 0; from < 15; from++)
      pairs.push(waiting(100e6, through([from], [15 + ((from + turn) % 15)])));
  }
  const { startMs, lengthMs } = scheduleTrains(pairs, 30, 10_000);
  assert.ok(startMs.every((start) => start !== undefined));
  assert.ok(lengthMs < 3000, `${lengthMs} ms`);
});

test("a transfer that would end too late is left out, and those after it still get their chance", () => {
  const slow = waiting(10e6, through([0]), 5000);
  const quick = waiting(10e6, through([0]));
  assert.deepEqual(scheduleTrains([slow, quick], 1, 300).startMs, [undefined, 0]);
});
