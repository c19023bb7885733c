import assert from "node:assert/strict";
import { test } from "node:test";
import { warmUp } from "./warm-up.ts";

test("the packets of the warm-up pass all the way through, but for the share that is lost on purpose", () => {
  const delivered = warmUp();
  assert.ok(delivered > 19_700 && delivered < 20_000, `${delivered} of 20000`);
});
