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
  writeFileSync(join(into, "out-2f-1.00001.00001.00000000.jsonl"), "three\n");
  writeFileSync(join(into, "out-2f-1.00000.00001.00000000.jsonl"), "one\ntwo\n");
  writeFileSync(join(into, ".out-2f-1.0.1.1.1.pending"), "not committed\n");
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

test("a folder gets the parts as they are, and what else is in it does not count", async (t) => {
  const path = folder(t);
  writeFileSync(join(path, "notes.txt"), "not of the job\n");
  for (const out of [path, `${path}/new/`]) {
    const output = await jobOutput(out);
    publish(output.folder);
    assert.equal(await output.gather(), 14);
    await output.discard();
    assert.equal(readdirSync(out).filter((name) => name.endsWith(".jsonl")).length, 2);
  }
});

test("a name that ends in a slash is never a file", async (t) => {
  const path = folder(t);
  writeFileSync(join(path, "file"), "mine\n");
  assert.equal((await jobOutput(`${path}/new/`)).folder, join(path, "new"));
  for (const [out, message] of [
    [`${path}/file/`, /it is no folder\n {2}fix: /],
    [`${path}/no/new/`, /there is no folder .*no\n {2}fix: make it first$/],
    ["", /the name is empty\n {2}fix: /],
  ] as const) {
    await assert.rejects(jobOutput(out), { exitStatus: 2, message });
  }
  assert.deepEqual(readdirSync(path), ["file"]);
});

test("parts that cannot be joined stay, and the error says where they are", async (t) => {
  const path = folder(t);
  const out = join(path, "out.jsonl");
  const output = await jobOutput(out);
  publish(output.folder);
  // As a full disk would, it fails while the file is made.
  mkdirSync(out);
  await assert.rejects(output.gather(), (error: Error) => {
    assert.match(error.message, /\(EISDIR\); the job has finished, and all of its result is in .*\.parts\n/);
    assert.match(error.message, /\n {2}fix: .*cat .*out\.jsonl\.parts\/\* > .*out\.jsonl$/);
    return true;
  });
  await output.discard();
  assert.equal(readdirSync(output.folder).filter((name) => name.endsWith(".jsonl")).length, 2);
});

test("a file that cannot be written is refused before the job starts", async () => {
  await assert.rejects(jobOutput("/nowhere/out.jsonl"), { code: "cannot-write", exitStatus: 2 });
});
