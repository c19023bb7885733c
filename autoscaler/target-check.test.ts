import assert from "node:assert/strict";
import { test } from "node:test";
import { nearAndFar, worldOf } from "./policies/policy-input-for-tests.ts";
import { evenly } from "./policies/seats.ts";
import { whyNot } from "./target-check.ts";

const world = worldOf(nearAndFar(3, 0));
const bounds = { min: 2, max: 3 };
const why = (nodes: string[]) => whyNot(evenly(nodes), world, bounds);

test("targets outside the bounds, on unknown or full nodes, or with impossible shares are refused", () => {
  assert.equal(why(["near1", "near2"]), undefined);
  assert.match(why(["near1"])!, /1 seats are not within 2 and 3/);
  assert.match(why(["near1", "near2", "near3", "near4"])!, /4 seats/);
  assert.match(why(["near1", "far1"])!, /far1 is lost or no worker/);
  assert.match(why(["near1", "near1"])!, /near1 has no slot left/);
  const lame = (shares: readonly [number, number]) =>
    whyNot({ seats: shares.map((share, index) => ({ node: `near${index + 1}`, share })) }, world, bounds);
  assert.match(lame([0, 1])!, /the share of near1 is 0/);
  assert.match(lame([0.5, 0.4])!, /the shares sum to 0.9/);
});
