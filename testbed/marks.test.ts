import assert from "node:assert/strict";
import { test } from "node:test";
import { labMarks } from "./marks.ts";
import { bytes6, markerZone, prefix6, subnet6 } from "./network/addresses.ts";

test("the marker of a node's loopback begins with its lab's prefix, and ends with the node's number", () => {
  const { addressPrefix } = labMarks("0123456789ab");
  const marker = bytes6({ network: 0, prefix: 20, prefix6: subnet6("0123456789ab") }, 0x123, markerZone);
  const hex = Buffer.from(marker).toString("hex");
  assert.equal(addressPrefix.length, 16);
  assert.ok(hex.startsWith(addressPrefix));
  assert.equal(hex.slice(28, 32), "0123");
});

test("a marker lies outside the range that the lab's nodes are reached by", () => {
  const reached = Buffer.from(subnet6("lab"))
    .toString("hex")
    .slice(0, prefix6 / 4);
  assert.notEqual(labMarks("lab").addressPrefix, reached);
});

test("two labs have different marks, in their addresses and in their environments", () => {
  const [one, two] = [labMarks("one"), labMarks("two")];
  assert.notEqual(one.addressPrefix, two.addressPrefix);
  assert.notEqual(one.environment, two.environment);
});
