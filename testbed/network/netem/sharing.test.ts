import assert from "node:assert/strict";
import { test } from "node:test";
import { type Flow, type Sample, sharedBy } from "./sharing-for-tests.ts";

const flows: Flow[] = [
  { from: "a", to: "c" },
  { from: "b", to: "c" },
];

/** Counters every 250 ms; `rates` says what the flows send from then on, in bits a second. */
function samplesOf(count: number, rates: (step: number) => readonly [number, number]): Sample[] {
  const sent: [number, number] = [5e6, 7e6];
  return Array.from({ length: count }, (_, step) => {
    const sample = {
      atMs: step * 250,
      fromNode: new Map([
        ["a", sent[0]],
        ["b", sent[1]],
        ["c", 0],
      ]),
      toNode: new Map([["c", sent[0] + sent[1]]]),
    };
    for (const [at, rate] of rates(step).entries()) sent[at]! += rate / 32;
    return sample;
  });
}

test("what flows share is counted while both ran, whoever came first", () => {
  const samples = samplesOf(60, (step) => {
    if (step < 4) return [0, 0];
    if (step < 14) return [20e6, 0];
    if (step < 40) return [9e6, 11e6];
    return [0, 20e6];
  });
  assert.deepEqual(sharedBy(flows, samples), { bitsPerSecond: 20e6, shares: [0.45, 0.55] });
});

test("a link that carries too much is seen, though one flow is slow when the other is fast", () => {
  const samples = samplesOf(40, (step) => (step % 4 === 0 ? [16e6, 5e6] : [5e6, 16e6]));
  assert.equal(sharedBy(flows, samples)?.bitsPerSecond, 21e6);
  const within = samplesOf(40, (step) => (step % 4 === 0 ? [15e6, 5e6] : [5e6, 15e6]));
  assert.equal(sharedBy(flows, within)?.bitsPerSecond, 20e6);
});

test("flows that hardly ran together say nothing of how they share", () => {
  const hardly = samplesOf(40, (step) => (step < 20 ? [20e6, 0] : step < 30 ? [10e6, 10e6] : [0, 20e6]));
  assert.equal(sharedBy(flows, hardly), undefined);
  assert.equal(sharedBy(flows, []), undefined);
});

test("where one node sends all, its receivers tell the flows apart", () => {
  const [one, other]: Flow[] = [
    { from: "f", to: "a" },
    { from: "f", to: "b" },
  ];
  const samples = Array.from({ length: 40 }, (_, step) => ({
    atMs: step * 250,
    fromNode: new Map([["f", step * 625_000]]),
    toNode: new Map([
      ["a", step * 250_000],
      ["b", step * 375_000],
    ]),
  }));
  assert.deepEqual(sharedBy([one!, other!], samples), { bitsPerSecond: 20e6, shares: [0.4, 0.6] });
});
