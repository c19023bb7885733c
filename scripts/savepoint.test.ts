import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseArguments } from "./arguments.ts";
import { verb as rescale } from "./rescale.ts";
import { noteRunning } from "./running-jobs.ts";
import { verb as savepoint } from "./savepoint.ts";
import type { Verb } from "./verb.ts";

const report = {
  ...{ checkpoint: "x", outcome: "done", savepointMs: 20.4, stopMs: 3, deployMs: 40, standStillMs: 66 },
  from: { parallelism: 2, parallelismOf: {} },
  to: { parallelism: 3, parallelismOf: {} },
};

/** A coordinator's API that answers so, with a running job's file that leads to it. */
async function api(t: TestContext, status: number, answer: unknown) {
  const asked: unknown[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    asked.push([request.method, request.url, request.headers.authorization, body]);
    response.writeHead(status).end(JSON.stringify(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const state = mkdtempSync(join(tmpdir(), "brume-state-"));
  const before = process.env.BRUME_STATE;
  process.env.BRUME_STATE = state;
  t.after(() => {
    if (before === undefined) delete process.env.BRUME_STATE;
    else process.env.BRUME_STATE = before;
    rmSync(state, { recursive: true });
  });
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  noteRunning({ name: "q5", pid: process.pid, url, token: "hush" });
  return { asked, url };
}

/** An address at which somebody listened until just now. */
async function nowhere(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

async function run(verb: Verb, ...words: string[]) {
  let said: { document: unknown; text: string } | undefined;
  const result = (document: unknown, text: string) => {
    said = { document, text };
  };
  const status = await verb.run(parseArguments(verb, words), {
    json: true,
    progress: () => undefined,
    result,
  });
  return { status, ...said };
}

test("savepoint asks the job that runs, with its token, and prints the name", async (t) => {
  const { asked } = await api(t, 200, { savepoint: "q5/savepoints/1" });
  const { status, text, document } = await run(savepoint, "q5");
  assert.deepEqual([status, text, document], [0, "q5/savepoints/1", { savepoint: "q5/savepoints/1" }]);
  await run(savepoint, "--stop", "--mode", "unaligned");
  assert.deepEqual(asked, [
    ["POST", "/savepoints", "Bearer hush", "{}"],
    ["POST", "/stop", "Bearer hush", '{"mode":"unaligned"}'],
  ]);
});

test("rescale asks for the whole job or one operator, and says how long each part took", async (t) => {
  const { asked } = await api(t, 200, report);
  const { status, text } = await run(rescale, "--parallelism", "3");
  assert.equal(status, 0);
  assert.equal(text, "2 → 3: input stood still 66 ms (savepoint 20 ms, stop 3 ms, deploy 40 ms)");
  await run(rescale, "q5", "--parallelism", "4", "--operator", "count");
  assert.deepEqual(
    asked.map((each) => (each as string[])[3]),
    ['{"parallelism":3}', '{"parallelismOf":{"count":4}}'],
  );
});

test("a rescale that came back to where it was falls short", async (t) => {
  await api(t, 200, { ...report, outcome: "returned", because: "no slots" });
  const { status, text } = await run(rescale, "--parallelism", "3");
  assert.equal(status, 1);
  assert.match(text!, /2 → 3 returned: no slots/);
});

test("what the coordinator refuses is the verb's error: senseless wishes are bad usage, the rest is not", async (t) => {
  await api(t, 409, { error: { code: "busy", message: "another savepoint is under way" } });
  await assert.rejects(run(savepoint, "q5"), { code: "busy", exitStatus: 1, message: /another savepoint/ });
  await api(t, 400, { error: { code: "rescale-request", message: "no operator x" } });
  await assert.rejects(run(rescale, "q5", "--parallelism", "2"), { code: "rescale-request", exitStatus: 2 });
});

test("--api reaches another one with the token of the environment, and nothing there is told", async (t) => {
  const { asked, url } = await api(t, 200, { savepoint: "s" });
  await assert.rejects(run(savepoint, "--api", url), { code: "no-token", exitStatus: 2 });
  process.env.BRUME_TOKEN = "other";
  t.after(() => void delete process.env.BRUME_TOKEN);
  await run(savepoint, "--api", `${url}/`);
  assert.equal((asked[0] as string[])[2], "Bearer other");
  await assert.rejects(run(savepoint, "--api", await nowhere()), {
    code: "no-answer",
    message: /ECONNREFUSED/,
  });
});

test("usage mistakes start nothing", async () => {
  await assert.rejects(run(rescale, "q5"), /--parallelism is missing/);
  await assert.rejects(run(rescale, "q5", "--parallelism", "0"), /not a whole number of at least 1/);
  await assert.rejects(run(savepoint, "a", "b"), /takes one job/);
});
