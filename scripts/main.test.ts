import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { asksForJson } from "./arguments.ts";

const brume = (...words: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, "main.ts"), ...words], { encoding: "utf8" });

test("an error is two lines for people, and one document where JSON is asked for", () => {
  const words = ["validate", "/nowhere/x.yaml", "--bogus"];
  const forPeople = brume(...words);
  assert.equal(forPeople.stdout, "");
  const { stdout, stderr, status } = brume(...words, "--format", "json");
  assert.deepEqual([status, stderr], [forPeople.status, forPeople.stderr]);
  const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
  assert.equal(error.code, "usage");
  assert.equal(`brume: ${error.message}\n`, stderr);
});

test("what failed with a result has that as its document, and no other", () => {
  const { stdout, status } = brume("validate", "/nowhere/x.yaml", "--format=json");
  assert.equal(status, 2);
  assert.ok(!("error" in (JSON.parse(stdout) as object)), stdout);
});

test("JSON is asked for in the verb's own words, not in those of a command behind --", () => {
  assert.ok(asksForJson(["exec", "lab", "a", "--format", "json"]));
  assert.ok(!asksForJson(["exec", "lab", "a", "--", "ls", "--format=json"]));
  assert.ok(!asksForJson(["exec", "--format", "text", "json"]));
});
