import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { jobOutput } from "./job-output.ts";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "brume-output-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function publish(into: string): void {
  mkdirSync(into, { recursive: true });
  writeFileSync(join(into, "results.00001.jsonl"), "three\n");
  writeFileSync(join(into, "results.00000.jsonl"), "one\ntwo\n");
  writeFileSync(join(into, ".results.00000.pending"), "not committed\n");
}

test("what was published becomes one file, by name, without what is pending, and the parts are gone", async (t) => {
  const path = folder(t);
  const output = await jobOutput(join(path, "out.jsonl"));
  publish(output.folder);
  assert.equal(await output.gather(), 14);
  assert.equal(readFileSync(join(path, "out.jsonl"), "utf8"), "one\ntwo\nthree\n");
  assert.deepEqual(readdirSync(path), ["out.jsonl"]);
});

test("a job without results leaves an empty file, an interrupted one none", async (t) => {
  const path = folder(t);
  assert.equal(await (await jobOutput(join(path, "empty"))).gather(), 0);
  const interrupted = await jobOutput(join(path, "never"));
  publish(interrupted.folder);
  await interrupted.discard();
  assert.deepEqual(readdirSync(path), ["empty"]);
});

test("a folder gets the parts as they are", async (t) => {
  const path = folder(t);
  for (const out of [path, `${path}/new/`]) {
    const output = await jobOutput(out);
    publish(output.folder);
    assert.equal(await output.gather(), 14);
    await output.discard();
    assert.equal(readdirSync(out).filter((name) => name.endsWith(".jsonl")).length, 2);
  }
});

test("a file that cannot be written is refused before the job starts", async () => {
  await assert.rejects(jobOutput("/nowhere/out.jsonl"), { code: "cannot-write", exitStatus: 2 });
});
