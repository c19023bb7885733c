import assert from "node:assert/strict";
import { test } from "node:test";
import { runQuery } from "./run-query-for-tests.ts";

/** As Beam publishes them for its own runs: 100,000 events, and 10,000 for the queries that look for winning bids. */
const published = {
  q0: [100_000, 100_000],
  q1: [100_000, 92_000],
  q2: [100_000, 351],
  q3: [100_000, 580],
  q4: [10_000, 40],
  q5: [100_000, 12],
  q6: [10_000, 401],
  q7: [100_000, 1],
  q8: [100_000, 6000],
  q9: [10_000, 298],
  q11: [100_000, 1919],
  q12: [100_000, 1919],
} as const;

for (const [query, [events, results]] of Object.entries(published)) {
  test(`${query} gives ${results} results of ${events} events, as Beam does`, async () => {
    assert.equal((await runQuery(query, { events })).length, results);
  });
}
