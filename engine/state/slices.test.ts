import assert from "node:assert/strict";
import { test } from "node:test";
import { Slices } from "./slices.ts";

const table = () => ({ memoryBytes: 1, recycle: () => false });

test("a slice's table is made once, found again, listed in order of time and gone when dropped", () => {
  const slices = new Slices(table);
  const later = slices.at(2000);
  assert.notEqual(slices.at(-1000), later);
  assert.equal(slices.at(2000), later);
  const before = slices.starts();
  assert.deepEqual(before, [-1000, 2000]);
  slices.drop(2000);
  slices.drop(2000);
  assert.equal(slices.find(2000), undefined);
  assert.deepEqual([before, slices.starts()], [[-1000, 2000], [-1000]]);
  assert.notEqual(slices.at(2000), later);
});

test("the table of a dropped slice becomes the next slice's, once, if it can be used again", () => {
  const slices = new Slices(() => ({ memoryBytes: 5, recycle: () => true }));
  const first = slices.at(0);
  slices.drop(0);
  assert.equal(slices.spareBytes, 5);
  assert.equal(slices.at(1000), first);
  assert.equal(slices.spareBytes, 0);
  assert.notEqual(slices.at(2000), first);
});

test("as many dropped tables are kept as slices were there at once, and fewer when no such crowd comes again", () => {
  const slices = new Slices(() => ({ memoryBytes: 1, recycle: () => true }));
  for (let at = 0; at < 20; at++) slices.at(at);
  for (let at = 0; at < 20; at++) slices.drop(at);
  assert.equal(slices.spareBytes, 20);
  for (let at = 20; at < 40; at++) slices.at(at);
  assert.equal(slices.spareBytes, 0);
  for (let at = 20; at < 40; at++) slices.drop(at);
  assert.equal(slices.spareBytes, 20);
  for (let at = 40; at < 1100; at++) {
    slices.at(at);
    slices.drop(at);
  }
  assert.equal(slices.spareBytes, 3);
});

test("a slice that starts at no whole millisecond is refused, and both zeros are one slice", () => {
  const slices = new Slices(table);
  assert.throws(() => slices.at(Number.NaN), RangeError);
  assert.equal(slices.at(-0), slices.at(0));
  assert.ok(Object.is(slices.starts()[0], 0));
});
