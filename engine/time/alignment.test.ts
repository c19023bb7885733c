import assert from "node:assert/strict";
import { test } from "node:test";
import { mayEmit } from "./alignment.ts";

test("a source may be ahead of the slowest by the given time and no more", () => {
  assert.ok(mayEmit(110, 100, 10));
  assert.ok(!mayEmit(111, 100, 10));
  assert.ok(mayEmit(90, 100, 0));
});

test("a source that has sent nothing may begin, and then waits for those that have not", () => {
  const nothing = Number.NEGATIVE_INFINITY;
  assert.ok(mayEmit(nothing, nothing, 10));
  assert.ok(!mayEmit(5, nothing, 10));
});

test("without a limit every source may go on", () => {
  assert.ok(mayEmit(5, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY));
});
