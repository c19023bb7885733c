import assert from "node:assert/strict";
import { test } from "node:test";
import type { TrainJob, TrainResult } from "./prober/job.ts";
import { mergeTrains, transfer } from "./transfers.ts";

const train: TrainJob = {
  ...{
    from: 0,
    to: 1,
    startMs: 500,
    packetBytes: 1000,
    packets: 40,
    headPackets: 8,
    lagPackets: 20,
    trim: 0,
  },
  ...{ offeredBitsPerSecond: 12.5e6, lowBitsPerSecond: 9e6, highBitsPerSecond: 10.5e6, spanMs: 60 },
};
const result = (rate?: number): TrainResult => ({
  ...{ sent: 40, arrived: 40, offeredBitsPerSecond: 12.5e6, attempts: 1 },
  ...(rate !== undefined && { rateBitsPerSecond: rate }),
});

async function transferred(rounds: (number | undefined)[][], repeatsMs = 1000) {
  const runs: number[][] = [];
  const trains = rounds[0]!.map((_, index) => ({ ...train, from: index, to: index + 1 }));
  const once = async (some: readonly TrainJob[]) => {
    runs.push(some.map(({ startMs }) => startMs));
    return rounds[runs.length - 1]!.map(result);
  };
  const results = await transfer(trains, repeatsMs, once, () => undefined);
  return { runs, results: results.map(({ rateBitsPerSecond, attempts }) => [rateBitsPerSecond, attempts]) };
}

test("only what came out wrong is repeated, twice and alone, and the middle of three attempts counts", async () => {
  const { runs, results } = await transferred([
    [10e6, 4e6, undefined],
    [9.9e6, 7e6],
    [9.8e6, 2e6],
  ]);
  assert.deepEqual(runs.slice(1), [
    [0, 80],
    [0, 80],
  ]);
  assert.deepEqual(results, [
    [10e6, 1],
    [9.8e6, 3],
    [2e6, 3],
  ]);
});

test("without time for repeats the first attempt counts", async () => {
  const { runs, results } = await transferred([[4e6]], 100);
  assert.equal(runs.length, 1);
  assert.deepEqual(results, [[4e6, 1]]);
});

test("without transfers nothing is run", async () => {
  assert.deepEqual(
    await transfer(
      [],
      1000,
      async () => assert.fail("it ran"),
      () => undefined,
    ),
    [],
  );
});

test("what the sender and the receiver of a train each know of it becomes one result", () => {
  const logs = [
    { train: 1, received: { packets: 39, rateBitsPerSecond: 9e6 } },
    { train: 0, sent: { packets: 40, offeredBitsPerSecond: 12e6 }, received: { packets: 40 } },
    { train: 1, sent: { packets: 40, offeredBitsPerSecond: 11e6 } },
  ];
  assert.deepEqual(mergeTrains([train, train], logs), [
    { sent: 40, arrived: 40, offeredBitsPerSecond: 12e6, attempts: 1 },
    { sent: 40, arrived: 39, offeredBitsPerSecond: 11e6, rateBitsPerSecond: 9e6, attempts: 1 },
  ]);
});
