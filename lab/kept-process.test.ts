import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { Ended, NodeProcess } from "#testbed/nodes/node.ts";
import { UserError } from "#testbed/user-error.ts";
import { KeptProcess } from "./kept-process.ts";

/** A node whose trials to start something go as `trials` say, one after the other. */
function pretended(trials: readonly ("runs" | "node-down" | "unreachable")[]) {
  const started: { end(how: Ended): void; stdin: PassThrough; env: unknown }[] = [];
  const waiting: (() => void)[] = [];
  let at = 0;
  const node = {
    name: "n",
    spawn: async (_words: readonly string[], options?: { env?: unknown }): Promise<NodeProcess> => {
      const how = trials[at++] ?? "runs";
      if (how !== "runs") throw new UserError(how, `n is ${how}`, "");
      const { promise, resolve } = Promise.withResolvers<Ended>();
      const stdin = new PassThrough();
      stdin.once("finish", () => resolve({ status: 0, signal: null }));
      started.push({ end: resolve, stdin, env: options?.env });
      for (const wake of waiting.splice(0)) wake();
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      return { stdin, stdout, stderr, exited: promise, kill: async () => undefined };
    },
  };
  const until = async (count: number) => {
    while (started.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    return started[count - 1]!;
  };
  return { node, until };
}

function kept(trials: Parameters<typeof pretended>[0]) {
  const { node, until } = pretended(trials);
  const failed = Promise.withResolvers<unknown>();
  const lines: string[] = [];
  let starts = 0;
  const process = new KeptProcess({
    what: "it",
    node,
    command: async () => [`${++starts}`],
    input: () => `start ${starts}\n`,
    environment: () => ({ START: `${starts}` }),
    onLine: () => undefined,
    onErrorLine: () => undefined,
    log: (line) => lines.push(line),
    isOver: () => false,
    onFailure: failed.resolve,
  });
  return { process, until, lines, failed: failed.promise };
}

test("each start is told anew what to run, by its input and its environment", async () => {
  const { process, until } = kept([]);
  for (const [count, expected] of [
    [1, "start 1\n"],
    [2, "start 2\n"],
  ] as const) {
    const run = await until(count);
    if (run.stdin.readableLength === 0) await once(run.stdin, "readable");
    assert.equal(run.stdin.read()?.toString(), expected);
    assert.deepEqual(run.env, { START: `${count}` });
    if (count === 1) run.end({ status: 1, signal: null });
  }
  await process.end();
});

test("a node that ran it and cannot be reached any more is tried again until it can", async () => {
  const { process, until, lines } = kept(["runs", "unreachable", "node-down", "runs"]);
  (await until(1)).end({ status: null, signal: "SIGKILL" });
  await until(2);
  await process.end();
  assert.deepEqual(
    lines.map((line) => line.split(";")[0]),
    ["it: was ended by SIGKILL", "it: n is unreachable", "it: n is node-down"],
  );
});

test("a node that never ran it and will not is a failure at once, unless it is only down", async () => {
  const { process, failed } = kept(["node-down", "unreachable"]);
  assert.equal(((await failed) as UserError).code, "unreachable");
  await process.end();
});
