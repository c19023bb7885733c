import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { labNames } from "#testbed/lab.ts";

const state = mkdtempSync(join(tmpdir(), "brume-demo-"));
after(() => rmSync(state, { recursive: true, force: true }));

type Ended = { status: number | null; stdout: string; stderr: string };

/** Sends the signal, if any, as soon as the demo has said the word. */
function demo(word?: string, signal?: NodeJS.Signals): Promise<Ended> {
  const words = [join(import.meta.dirname, "main.ts"), "demo", "--format", "json"];
  const child = spawn(process.execPath, words, { env: { ...process.env, BRUME_STATE: state } });
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

test("the demo measures every pair of its lab, says so in its status, and leaves no lab", async () => {
  const { status, stdout, stderr } = await demo();
  const { verification } = JSON.parse(stdout) as { verification: { verdict: string; pairsMeasured: number } };
  assert.equal(verification.pairsMeasured, 6, stderr);
  assert.equal(status, verification.verdict === "ok" ? 0 : 1);
  assert.deepEqual(labNames(state), []);
});

for (const [word, signal] of [
  ["provisioning", "SIGTERM"],
  ["measuring", "SIGINT"],
] as const) {
  test(`${signal} while the demo says that it is ${word} takes the lab away`, async () => {
    const { status, stdout, stderr } = await demo(word, signal);
    assert.equal(status, 1, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /the demo was interrupted; demo-[0-9a-f]{6} is gone again/);
    assert.deepEqual(labNames(state), []);
  });
}
