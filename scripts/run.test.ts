import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { analysedAs } from "./run.ts";

test("records are analysed by the experiment's name only where analyse looks for it", () => {
  const usual = join(import.meta.dirname, "../data/runs/demo");
  assert.equal(analysedAs(usual, {}), "demo");
  assert.equal(analysedAs("/srv/runs/demo", { BRUME_RUNS: "/srv/runs" }), "demo");
  assert.equal(analysedAs("/out/demo", {}), "/out/demo");
  assert.equal(analysedAs(usual, { BRUME_RUNS: "/srv/runs" }), usual);
  assert.equal(analysedAs("/my runs/it's/demo", {}), "'/my runs/it'\\''s/demo'");
});
