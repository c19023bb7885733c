import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { EngineError } from "../engine-error.ts";
import type { SinkFiles } from "../operators/operator.ts";
import { DiskFiles, refused } from "./sink-files.ts";
import { InMemoryFiles } from "./sink-files-in-memory.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** What holds on a disk as in memory. */
function contract(files: SinkFiles, folder: string, text: (name: string) => string): void {
  assert.deepEqual(files.list(`${folder}/new`), []);
  const [pending, final] = [`${folder}/new/.a`, `${folder}/new/a`];
  files.append(pending, bytes("one "));
  files.append(pending, bytes("two"));
  files.sync(pending);
  files.publish(pending, final);
  files.publish(pending, final);
  assert.equal(text(final), "one two");
  assert.deepEqual(files.list(`${folder}/new`), [final]);
  files.remove(final);
  files.remove(final);
  assert.deepEqual(files.list(`${folder}/new`), []);
}

test("files are appended, published and removed alike on a disk and in memory", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "sink-files-"));
  context.after(() => rmSync(folder, { recursive: true }));
  contract(new DiskFiles(), folder, (name) => readFileSync(name, "utf8"));
  const memory = new InMemoryFiles();
  contract(memory, folder, (name) => memory.text(name));
});

test("more files than may stay open are written all the same", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "sink-files-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const files = new DiskFiles();
  for (let round = 0; round < 2; round++) {
    for (let file = 0; file < 100; file++) files.append(`${folder}/${file}`, bytes(`${round}`));
  }
  files.close();
  for (let file = 0; file < 100; file++) assert.equal(readFileSync(`${folder}/${file}`, "utf8"), "01");
});

test("a crash loses of what was not synced, and nothing else", () => {
  const files = new InMemoryFiles();
  files.append("/f/a", bytes("safe"));
  files.sync("/f/a");
  files.append("/f/a", bytes("gone"));
  files.crash(() => 0.5);
  assert.equal(files.text("/f/a"), "safego");
});

test("a path through a file is refused with what to do", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "sink-files-"));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "file"), "");
  assert.throws(
    () => new DiskFiles().append(join(folder, "file", "a"), bytes("x")),
    (error: Error) => {
      assert.ok(error instanceof EngineError && error.code === "sink-refused");
      assert.match(error.message, /a part of the path is a file/);
      return true;
    },
  );
});

test("a full disk is said to be full", {
  skip: existsSync("/dev/full") ? false : "there is no /dev/full",
}, () => {
  assert.throws(
    () => new DiskFiles().append("/dev/full", bytes("x")),
    /cannot write \/dev\/full: the disk is full\n {2}fix: free/,
  );
});

test("what is not the machine's refusal stays the error that it is", () => {
  const error = new TypeError("ours");
  assert.equal(refused("write", "a", error), error);
});
