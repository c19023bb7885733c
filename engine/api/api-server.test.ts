import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type TestContext, test } from "node:test";
import { EngineError } from "../engine-error.ts";
import { startApi } from "./api-server.ts";
import type { JobControl } from "./job-control.ts";
import { openApi } from "./openapi.ts";
import { prometheusText } from "./prometheus.ts";
import { bodyBytesMax } from "./read-body.ts";
import { routes } from "./routes.ts";

const metrics = {
  atMs: 5,
  job: "q5",
  state: "running",
  workers: {
    w0: {
      atMs: 4,
      metrics: {
        rssBytes: 7,
        subtasks: [{ task: 1, subtask: 0, operators: [{ id: "a", in: 3, tookNs: [0, 5] }] }],
      },
    },
  },
  coordinator: { attempt: 2 },
};

async function api(t: TestContext, control: Partial<JobControl> = {}) {
  const asked: unknown[] = [];
  const noting =
    <Value>(answer: Value) =>
    async (request: unknown) => {
      asked.push(request);
      return answer;
    };
  const whole: JobControl = {
    job: () => ({ name: "q5", state: "running" }),
    plan: () => ({ tasks: [] }),
    workers: () => ({ workers: [] }),
    checkpoints: () => ({ checkpoints: [] }),
    metrics: () => metrics,
    savepoint: noting({ savepoint: "q5/savepoints/1" }),
    stop: noting({ savepoint: "q5/savepoints/2" }),
    rescale: noting({ outcome: "done" } as never),
    load: () => ({ anchors: [], ratePerSecond: 0, positions: {} }),
    setLoad: noting({ anchors: [], ratePerSecond: 5, positions: {} }),
    cancel: async () => void asked.push("cancel"),
    ...control,
  };
  const server = await startApi({ at: { host: "127.0.0.1", port: 0 }, token: "s3cret", control: whole });
  t.after(() => server.close());
  const call = async (method: string, path: string, body?: string, token: string | null = "s3cret") => {
    const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
    const url = `http://127.0.0.1:${server.port}${path}`;
    const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    return { status: response.status, text, type: response.headers.get("content-type") };
  };
  return { call, asked, port: server.port };
}

test("the document describes every route and no other, and says of each change that it wants the token", () => {
  const described = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(described.sort(), routes.map(({ method, path }) => `${method} ${path}`).sort());
  for (const methods of Object.values(openApi.paths)) {
    if ("post" in methods) assert.deepEqual(methods.post.security, [{ token: [] }]);
  }
});

test("every path that the document refers to inside itself is there", () => {
  for (const [, name] of JSON.stringify(openApi).matchAll(/#\/components\/schemas\/(\w+)/g)) {
    assert.ok(name! in openApi.components.schemas, name);
  }
});

test("every GET answers without a token, as JSON or Prometheus text", async (t) => {
  const { call } = await api(t);
  for (const { method, path } of routes) {
    if (method !== "GET") continue;
    const { status, text, type } = await call("GET", path, undefined, null);
    assert.equal(status, 200, path);
    if (path === "/metrics") assert.match(type!, /^text\/plain/);
    else assert.doesNotThrow(() => JSON.parse(text), path);
  }
});

test("nothing is changed without the token or with another one", async (t) => {
  const { call, asked } = await api(t);
  for (const { method, path } of routes) {
    if (method !== "POST") continue;
    assert.equal((await call("POST", path, "{}", "wrong")).status, 401);
    const { status, text } = await call("POST", path, "{}", null);
    assert.deepEqual([status, JSON.parse(text).error.code], [401, "token"]);
  }
  assert.deepEqual(asked, []);
});

test("requests reach the coordinator as they are, an empty body as no wish", async (t) => {
  const { call, asked } = await api(t);
  await call("POST", "/savepoints");
  await call("POST", "/stop", '{"mode":"unaligned"}');
  await call(
    "POST",
    "/rescale",
    '{"parallelism":3,"weights":{"count":[1,2,0.5]},"placement":{"count":["w0"]}}',
  );
  await call("POST", "/load", '{"steps":[{"ratePerSecond":9,"forMs":20},{"ratePerSecond":5}],"fresh":true}');
  const { status, text } = await call("POST", "/savepoints", "{}");
  assert.deepEqual([status, JSON.parse(text)], [200, { savepoint: "q5/savepoints/1" }]);
  assert.deepEqual(asked, [
    {},
    { mode: "unaligned" },
    { parallelism: 3, weights: { count: [1, 2, 0.5] }, placement: { count: ["w0"] } },
    {
      steps: [
        { ratePerSecond: 9, forMs: 20 },
        { ratePerSecond: 5, forMs: 0 },
      ],
      fresh: true,
    },
    {},
  ]);
});

const refused: [string, string, RegExp][] = [
  ["/rescale", "{}", /say what to change/],
  ["/rescale", '{"parallelism":0}', /parallelism: 0 is not a whole number from 1/],
  ["/rescale", '{"parallelism":"2"}', /parallelism: "2" is not/],
  ["/rescale", '{"paralelism":2}', /paralelism: there is no such setting; parallelism, /],
  ["/rescale", '{"weights":{"a":[1,-1]}}', /weights\.a\[1\]: -1 is not a number above 0/],
  ["/rescale", '{"keyGroups":{"a":3}}', /keyGroups\.a: not a list/],
  ["/rescale", '{"placement":["w0"]}', /placement: not an object/],
  ["/load", "{}", /steps: not a list/],
  ["/load", '{"steps":[5]}', /steps\[0\]: not an object/],
  ["/load", '{"steps":[{"ratePerSecond":"5"}]}', /steps\[0\]\.ratePerSecond: "5" is not a number/],
  ["/load", '{"steps":[{"ratePerSecond":5,"forms":1}]}', /steps\[0\]\.forms: there is no such setting/],
  ["/load", '{"steps":[{"ratePerSecond":5}],"fresh":1}', /fresh: 1 is neither/],
  ["/savepoints", '{"mode":"fast"}', /mode: "fast" is neither/],
  ["/savepoints", "[]", /not a JSON object/],
  ["/stop", "{", /not JSON/],
  ["/cancel", '{"why":"x"}', /why: there is no such setting/],
];

for (const [path, body, message] of refused) {
  test(`POST ${path} ${body} is refused with 400 and does nothing`, async (t) => {
    const { call, asked } = await api(t);
    const { status, text } = await call("POST", path, body);
    assert.equal(status, 400);
    assert.match(JSON.parse(text).error.message, message);
    assert.deepEqual(asked, []);
  });
}

test("a body without bound is cut off at its bound", async (t) => {
  const { call, asked } = await api(t);
  const body = JSON.stringify({ mode: "x".repeat(bodyBytesMax) });
  const answer = await call("POST", "/savepoints", body).catch((error: Error) => error);
  // The server hangs up on what it does not read: the client sees the answer or the cut.
  if (!(answer instanceof Error)) assert.equal(answer.status, 413);
  assert.deepEqual(asked, []);
});

test("unknown paths and methods are named with what there is", async (t) => {
  const { call } = await api(t);
  const lost = await call("GET", "/jobs");
  assert.equal(lost.status, 404);
  assert.match(lost.text, /GET \/job\b/);
  const wrong = await call("GET", "/stop");
  assert.equal(wrong.status, 405);
  assert.match(wrong.text, /takes POST/);
});

test("what the coordinator refuses is told with its code: 409 for the job's state, 400 for a senseless wish", async (t) => {
  const busy = new EngineError("busy", "another savepoint is under way", "wait");
  const senseless = new EngineError("rescale-request", "no operator x", "", 2);
  const { call } = await api(t, {
    savepoint: () => Promise.reject(busy),
    rescale: () => Promise.reject(senseless),
    stop: () => Promise.reject(new Error("broken")),
  });
  assert.equal((await call("POST", "/savepoints")).status, 409);
  const { status, text } = await call("POST", "/rescale", '{"parallelism":2}');
  assert.deepEqual([status, JSON.parse(text).error.code], [400, "rescale-request"]);
  assert.equal((await call("POST", "/stop")).status, 500);
});

test("a port that is taken is one error that names it", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as { port: number };
  await assert.rejects(startApi({ at: { host: "127.0.0.1", port }, token: "x", control: {} as JobControl }), {
    name: "EngineError",
    code: "port-taken",
    message: new RegExp(`127\\.0\\.0\\.1:${port}: the port is taken\\n {2}fix: `),
  });
  other.close();
});

test("Prometheus text has one type line for each name, and labels for what tells series apart", () => {
  assert.deepEqual(prometheusText({ ...metrics, job: 'q"5' }).split("\n"), [
    "# TYPE brume_job_info gauge",
    'brume_job_info{job="q\\"5",state="running"} 1',
    "# TYPE brume_coordinator_attempt gauge",
    'brume_coordinator_attempt{job="q\\"5"} 2',
    "# TYPE brume_worker_rss_bytes gauge",
    'brume_worker_rss_bytes{job="q\\"5",worker="w0"} 7',
    "# TYPE brume_worker_subtasks_operators_in gauge",
    'brume_worker_subtasks_operators_in{job="q\\"5",worker="w0",task="1",subtask="0",operator="a"} 3',
    "# TYPE brume_worker_subtasks_operators_took_ns gauge",
    'brume_worker_subtasks_operators_took_ns{job="q\\"5",worker="w0",task="1",subtask="0",operator="a",up_to="1"} 0',
    'brume_worker_subtasks_operators_took_ns{job="q\\"5",worker="w0",task="1",subtask="0",operator="a",up_to="2"} 5',
    "",
  ]);
});
