import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeFolder } from "./make-folder.ts";

test("all missing folders are made, and the topmost of them is told", () => {
  const root = mkdtempSync(join(tmpdir(), "brume-folder-"));
  try {
    assert.equal(makeFolder(join(root, "a/b/c")), join(root, "a"));
    assert.ok(existsSync(join(root, "a/b/c")));
    assert.equal(makeFolder(join(root, "a/b")), undefined);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("where the kernel makes no folders there is an error and not an endless attempt", () => {
  assert.throws(() => makeFolder("/proc/brume/x"), { code: "ENOENT" });
});
