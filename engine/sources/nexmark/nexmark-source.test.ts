import assert from "node:assert/strict";
import { test } from "node:test";
import { runQuery } from "../../jobs/nexmark/run-query-for-tests.ts";

test("a paced run whose generators are all at an epoch's beginning has room for its persons and auctions", async () => {
  // A million events a second: each poll is due much of what a thousand clocks have at their first numbers.
  const results = await runQuery("q0", { events: 20_000, generators: 1000, rate: "1M/s" });
  assert.equal(results.length, 20_000);
});
