import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { labNames } from "#testbed/lab.ts";

const root = mkdtempSync(join(tmpdir(), "brume-demo-"));
const state = join(root, "state");
after(() => rmSync(root, { recursive: true, force: true }));

type Ended = { status: number | null; stdout: string; stderr: string };

/** Sends the signal, if any, as soon as the demo has said the word. */
function demo(word?: string, signal?: NodeJS.Signals): Promise<Ended> {
  const words = [join(import.meta.dirname, "main.ts"), "demo", "--format", "json"];
  const env = { ...process.env, BRUME_STATE: state, BRUME_RUNS: join(root, "runs") };
  const child = spawn(process.execPath, words, { env });
  let [stdout, stderr, sent] = ["", "", false];
  child.stdout.on("data", (part: Buffer) => (stdout += part.toString()));
  child.stderr.on("data", (part: Buffer) => {
    stderr += part.toString();
    if (word === undefined || signal === undefined || sent || !stderr.includes(word)) return;
    sent = true;
    child.kill(signal);
  });
  return new Promise((resolve) => child.once("close", (status) => resolve({ status, stdout, stderr })));
}

test("the demo rescales as its load rises, says why, and leaves a page and no lab", async () => {
  const { status, stdout, stderr } = await demo();
  assert.equal(status, 0, stderr);
  const { summary, page } = JSON.parse(stdout) as { summary: { rescales: number }; page: string };
  assert.ok(summary.rescales >= 1, stderr);
  assert.match(stderr, /decides: .*predicted/);
  assert.match(readFileSync(page, "utf8"), /<svg/);
  assert.deepEqual(labNames(state), []);
});

for (const [word, signal] of [
  ["nodes: ", "SIGTERM"],
  ["taken", "SIGINT"],
] as const) {
  test(`${signal} once the demo has said "${word}" takes the lab away`, async () => {
    const { status, stdout, stderr } = await demo(word, signal);
    assert.equal(status, 1, stderr);
    assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, "interrupted");
    assert.match(stderr, /the demo was interrupted; demo-[0-9a-f]{6} is gone again/);
    assert.deepEqual(labNames(state), []);
  });
}
