import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf } from "./counted-for-tests.ts";

const fine = [
  { key: 1, number: 0, nth: 1 },
  { key: 2, number: 1, nth: 1 },
  { key: 1, number: 2, nth: 2 },
];

test("a whole result has no faults, in whatever order keys come", () => {
  assert.deepEqual(faultsOf(fine, 3), []);
  assert.deepEqual(faultsOf([fine[1]!, fine[0]!, fine[2]!], 3), []);
});

test("a lost, a doubled, a swapped and an invented line are told", () => {
  assert.deepEqual(faultsOf(fine.slice(0, 2), 3), ["number 2 is there 0 times"]);
  assert.deepEqual(faultsOf([...fine, fine[1]!], 3), ["key 2: 1 comes after 1", "number 1 is there 2 times"]);
  assert.deepEqual(faultsOf([fine[2]!, fine[1]!, fine[0]!], 3), [
    "key 1: 2 comes after 0",
    "key 1: 1 comes after 2",
  ]);
  assert.deepEqual(faultsOf([...fine, { key: 3, number: 9, nth: 1 }], 3), ["number 9 was never made"]);
});
