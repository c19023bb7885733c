import assert from "node:assert/strict";
import { test } from "node:test";
import { runQuery } from "../../jobs/nexmark/run-query-for-tests.ts";
import type { OperatorContext, Output } from "../../operators/operator.ts";
import { type Schema, schema } from "../../records/schema.ts";
import { OperatorList } from "../../state/operator-list.ts";
import { type NexmarkSettings, NexmarkSource } from "./nexmark-source.ts";

/** Polls one of two subtasks so often; the auctions that bids were on, and its positions afterwards. */
function part(subtask: number, blockEvents: number, positions: readonly Uint8Array[], polls: number) {
  const rates = { firstEventRate: 1000, nextEventRate: 1000, ratePeriodSec: 600, rateShape: "sine" } as const;
  const settings: NexmarkSettings = {
    ...{ events: 60_000, generators: 1, rate: 0, blockSplits: 8, blockEvents, rates },
  };
  const pruned = schema({ price: "integer" }) as Schema;
  const bids = { schema: pruned, columns: ["price"], eventTime: false };
  const source = new NexmarkSource(settings, { bids, auctions: undefined, persons: undefined });
  const prices: number[] = [];
  const out: Output = {
    emit: ({ columns, rowCount }) => prices.push(...(columns[0] as Float64Array).subarray(0, rowCount)),
  };
  const list = new OperatorList("union");
  list.replace(positions);
  source.open({
    subtask,
    parallelism: 2,
    side: () => out,
    state: { list: () => list },
  } as unknown as OperatorContext);
  for (let at = 0; at < polls && source.poll(0).is !== "end"; at++);
  source.onBarrier();
  return { prices, positions: [...list.entries] };
}

test("positions of blocks of another size are gone on with, and no event is lost or made twice", () => {
  const all = [0, 1].flatMap((subtask) => part(subtask, 3000, [], 100).prices);
  assert.equal(all.length, (60_000 * 46) / 50);
  const before = [0, 1].map((subtask) => part(subtask, 1000, [], 3));
  const positions = before.flatMap((one) => one.positions);
  const after = [0, 1].map((subtask) => part(subtask, 3000, positions, 100));
  const both = [...before, ...after].flatMap(({ prices }) => prices).sort((one, other) => one - other);
  assert.equal(both.length, all.length);
  all.sort((one, other) => one - other);
  assert.equal(
    both.findIndex((price, at) => price !== all[at]),
    -1,
  );
});

test("a paced run whose generators are all at an epoch's beginning has room for its persons and auctions", async () => {
  // A million events a second: each poll is due much of what a thousand clocks have at their first numbers.
  const results = await runQuery("q0", { events: 20_000, generators: 1000, rate: "1M/s" });
  assert.equal(results.length, 20_000);
});
