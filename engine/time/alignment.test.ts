import assert from "node:assert/strict";
import { test } from "node:test";
import { isNews, mayEmit, slowest } from "./alignment.ts";

test("a source may be so far ahead of the slowest and no further, and one that has sent nothing may begin", () => {
  assert.equal(mayEmit(150, 100, 50), true);
  assert.equal(mayEmit(151, 100, 50), false);
  assert.equal(mayEmit(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 50), true);
  assert.equal(mayEmit(1, Number.NEGATIVE_INFINITY, 50), false, "nobody has told how far the others are");
  assert.equal(mayEmit(1e15, Number.POSITIVE_INFINITY, 50), true, "no other is at work");
});

test("sources that hold nobody up are not the slowest", () => {
  assert.equal(slowest([null, 30, 20, null]), 20);
  assert.equal(slowest([null]), null);
  assert.equal(slowest([]), null);
});

test("an eighth of what they may be apart is told, and when the last falls silent or the first speaks", () => {
  assert.equal(isNews(100, 112, 100), false);
  assert.equal(isNews(100, 112.5, 100), true);
  assert.equal(isNews(100, 50, 100), true, "a silent source speaks again, of former times");
  assert.deepEqual(
    [isNews(100, null, 100), isNews(null, 100, 100), isNews(null, null, 100)],
    [true, true, false],
  );
});
