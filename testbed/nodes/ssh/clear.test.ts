import assert from "node:assert/strict";
import { test } from "node:test";
import { aloneUntilMs } from "./clear.ts";

test("a machine out of reach is believed to have ended its node a lease and some seconds after nobody renewed it", () => {
  assert.equal(aloneUntilMs({ leaseMs: 60_000 }, 1_000_000), 1_075_000);
  assert.equal(aloneUntilMs({ leaseMs: 60_000, aloneSinceMs: 900_000 }, 1_000_000), 975_000);
});
