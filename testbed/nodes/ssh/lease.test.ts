import assert from "node:assert/strict";
import { test } from "node:test";
import { renewEveryMs } from "./lease.ts";

test("a lease is renewed every five seconds, a short one six times", () => {
  assert.equal(renewEveryMs(60_000), 5000);
  assert.equal(renewEveryMs(3000), 500);
});
