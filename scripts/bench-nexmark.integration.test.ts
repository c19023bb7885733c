import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

test("Ctrl-C of bench nexmark leaves no folder behind", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "brume-bench-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const words = [join(import.meta.dirname, "main.ts"), "bench", "nexmark", "--queries", "q0"];
  const child = spawn(process.execPath, [...words, "--events", "1G"], {
    env: { ...process.env, TMPDIR: folder },
    stdio: "ignore",
  });
  t.after(() => child.kill("SIGKILL"));
  const holdsJournal = () =>
    readdirSync(folder, { recursive: true }).some((name) => String(name).includes("journal"));
  for (const deadlineMs = performance.now() + 30_000; !holdsJournal(); await sleep(20)) {
    assert.ok(performance.now() < deadlineMs && child.exitCode === null, "it has not begun");
  }
  child.kill("SIGINT");
  const [status] = await once(child, "close");
  assert.equal(status, 1);
  assert.deepEqual(readdirSync(folder), []);
});
