import assert from "node:assert/strict";
import { test } from "node:test";
import { redistributed } from "./operator-list.ts";

const entry = (...bytes: number[]): Uint8Array => Uint8Array.of(...bytes);

test("a split list is dealt out in turn and a union goes to everybody", () => {
  const lists = [[entry(1), entry(2)], [entry(3)]];
  const dealt = (how: "split" | "union") => [0, 1].map((subtask) => redistributed(lists, how, subtask, 2));
  assert.deepEqual(dealt("split"), [[entry(1), entry(3)], [entry(2)]]);
  assert.deepEqual(dealt("union"), [lists.flat(), lists.flat()]);
});
