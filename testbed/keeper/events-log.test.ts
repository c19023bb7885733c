import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { eventLog } from "./events-log.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-events-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("one line a happening, with its time, the time since the start, and how late it was", () => {
  const path = join(folder, "events.jsonl");
  const log = eventLog(
    path,
    () => new Date(5000),
    () => 3000,
  );
  log("event 1 begins", 2.5);
  log("by hand 1\nends");
  log("a: crash", 1, "no such node");
  const lines = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const at = "1970-01-01T00:00:05.000Z";
  assert.deepEqual(lines, [
    { at, t: 2000, what: "event 1 begins", lateMs: 2.5 },
    { at, t: 2000, what: "by hand 1\nends", lateMs: 0 },
    { at, t: 2000, what: "a: crash", lateMs: 1, failed: "no such node" },
  ]);
});
