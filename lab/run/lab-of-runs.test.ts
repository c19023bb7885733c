import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LabOfRuns } from "./lab-of-runs.ts";

test("a second command that would run on the same lab is refused until the first has ended", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "brume-runs-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const options = { root, keep: false, signal: new AbortController().signal, note: () => undefined };
  const first = new LabOfRuns("sweep", options);
  assert.throws(() => new LabOfRuns("sweep", options), {
    code: "lab-busy",
    message: new RegExp(`run on sweep runs as process ${process.pid}`),
  });
  await new LabOfRuns("another", options).end();
  await first.end();
  await first.end();
  await new LabOfRuns("sweep", options).end();
  assert.deepEqual(readdirSync(join(root, "runs")), []);
});
