import assert from "node:assert/strict";
import { test } from "node:test";
import { ConditionIndex } from "./condition-index.ts";

test("each pair of delay and features has one number, in the order of first use, however many there are", () => {
  const index = new ConditionIndex();
  const pairs = Array.from(
    { length: 20_000 },
    (_, each) => [(each % 5000) / 1000, Math.floor(each / 5000)] as const,
  );
  for (const [expected, [delayMs, features]] of pairs.entries()) {
    assert.equal(index.numberOf(delayMs, features), expected);
  }
  for (const [expected, [delayMs, features]] of pairs.entries()) {
    assert.equal(index.numberOf(delayMs, features), expected);
  }
  assert.equal(index.size, 20_000);
});
