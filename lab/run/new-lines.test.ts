import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { NewLines } from "./new-lines.ts";

const root = mkdtempSync(join(tmpdir(), "brume-lines-"));
after(() => rmSync(root, { recursive: true, force: true }));

test("each line that is added is taken once, and half a line only when it is whole", () => {
  const path = join(root, "events.jsonl");
  appendFileSync(path, "before\n");
  const lines = new NewLines(path);
  assert.deepEqual(lines.take(), []);
  appendFileSync(path, "één\ntw");
  assert.deepEqual(lines.take(), ["één"]);
  appendFileSync(path, "o\nthree\n");
  assert.deepEqual(lines.take(), ["two", "three"]);
});

test("a file that is not there yet has no lines", () => {
  const path = join(root, "later.jsonl");
  const lines = new NewLines(path);
  assert.deepEqual(lines.take(), []);
  appendFileSync(path, "first\n");
  assert.deepEqual(lines.take(), ["first"]);
});
