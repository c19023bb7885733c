/** exec ends as its command did, and says so with `--format json` too. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { parseArguments } from "./arguments.ts";
import { verb } from "./exec.ts";

const labs = new TestLabs();
process.env.BRUME_STATE = labs.root;
await labs.open("name: exec-status\nnodes: { a: }\n");
after(() => labs.end());

async function statusAndDocument(...command: readonly string[]) {
  const documents: unknown[] = [];
  const output = {
    json: true,
    progress: () => undefined,
    result: (document: unknown) => void documents.push(document),
  };
  const words = ["exec-status", "a", "--format", "json", "--", ...command];
  const status: number = await verb.run(parseArguments(verb, words), output);
  const [document] = documents as { status: number | null; signal: string | null; stdout: string }[];
  return { status, document };
}

test("the status of a command that fails is exec's own, whatever the format", async () => {
  const { status, document } = await statusAndDocument("sh", "-c", "echo out; exit 3");
  assert.equal(status, 3);
  assert.equal(document?.status, 3);
  assert.equal(document?.stdout, "out\n");
});

test("a command that a signal ends is told by 128 and its number", async () => {
  const { status, document } = await statusAndDocument("sh", "-c", "kill -TERM $$");
  assert.equal(status, 143);
  assert.deepEqual([document?.status, document?.signal], [null, "SIGTERM"]);
});
