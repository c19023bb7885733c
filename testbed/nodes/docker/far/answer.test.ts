import assert from "node:assert/strict";
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import type { Ended, ExecResult, NodeProcess } from "../../node.ts";
import { answered, goesOn } from "./answer.ts";

const yes = 'brume-answer {"goesOn":true}\n';
const no =
  'brume-answer {"code":"node-file","what":"box: /x: there is no such file","fix":"name another path"}\n';

function saying(parts: readonly string[], ended: Ended = { status: 0, signal: null }): NodeProcess {
  const stdout = new PassThrough();
  for (const part of parts) stdout.write(part);
  stdout.end();
  return {
    stdin: new Writable(),
    stdout,
    stderr: new PassThrough(),
    exited: Promise.resolve(ended),
    kill: async () => undefined,
  };
}
const over = (stdout: string, status = 0): ExecResult => ({
  status,
  signal: null,
  stdout: Buffer.from(stdout),
  stderr: Buffer.from("what it complained of"),
});

test("what a command prints comes whole behind the answer, which may arrive in pieces", async () => {
  const cut = `${yes}of the command\n`;
  for (let at = 1; at < cut.length; at++) {
    const running = await goesOn(saying([cut.slice(0, at), cut.slice(at)]));
    assert.equal(await text(running.stdout), "of the command\n");
  }
});

test("what a login prints ahead is no output of the command", async () => {
  const running = await goesOn(saying(["welcome to far\n", yes, "hello"]));
  assert.equal(await text(running.stdout), "hello");
  assert.equal(answered(over(`welcome\n${yes}content`)).toString(), "content");
});

test("a refusal there is the same refusal here", async () => {
  const refusal = { code: "node-file", message: "box: /x: there is no such file\n  fix: name another path" };
  await assert.rejects(goesOn(saying([no], { status: 125, signal: null })), refusal);
  assert.throws(() => answered(over(no, 125)), refusal);
});

test("one that ends without an answer is ours to mend, unless a signal ended it", async () => {
  await assert.rejects(goesOn(saying(["no such option\n"], { status: 9, signal: null })), /ended with 9/);
  assert.throws(() => answered(over("", 9)), /ended with 9: what it complained of/);
  const running = await goesOn(saying([], { status: null, signal: "SIGKILL" }));
  assert.deepEqual(await running.exited, { status: null, signal: "SIGKILL" });
});
