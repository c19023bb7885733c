/** `./brume bench models`: what it makes of records that are damaged, or in which nothing was measured. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parseArguments } from "./arguments.ts";
import { bench } from "./bench.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "brume-models-"));
});
after(async () => await rm(folder, { recursive: true }));

const plan = {
  job: { use: "map", settings: { keys: "1000" } },
  operator: "map",
  engine: {
    checkpoints: { everyMs: 10_000, store: "folder", mode: "aligned" },
    bufferBytes: 65_536,
    flushMs: 20,
  },
  measure: { warmUpMs: 0 },
  topology: {
    nodes: [
      { name: "gen1", role: "generator", device: "none" },
      { name: "w1", role: "worker", device: "pi3b" },
    ],
    access: [],
  },
};
const configuration = { seats: [{ node: "w1", share: 1 }] };
const moment = (t: number) => ({
  ...{ t, state: "running", attempt: 1, asked: 100, taken: 90 },
  seats: [{ node: "w1", share: 1, in: 90, out: 90, busy: 0.5 }],
  nodes: { w1: { cpu: 0.5 } },
});
const tick = { t: 2500, is: "tick", decision: { do: "stay" } };
const mst = { t: 3500, is: "mst", configuration, mst: 180, low: 175, high: 185 };
const moments = [1000, 2000, 3000].map(moment);

type Made = {
  manifest: unknown;
  metrics?: readonly unknown[];
  decisions?: readonly unknown[];
  verify?: unknown;
};

async function record(name: string, { manifest, metrics = moments, decisions = [mst], verify }: Made) {
  const path = join(folder, name);
  const lines = (all: readonly unknown[]) => all.map((line) => `${JSON.stringify(line)}\n`).join("");
  await mkdir(path, { recursive: true });
  await writeFile(
    join(path, "manifest.json"),
    typeof manifest === "string" ? manifest : JSON.stringify(manifest),
  );
  await writeFile(join(path, "metrics.jsonl"), lines(metrics));
  await writeFile(join(path, "decisions.jsonl"), lines(decisions));
  if (verify !== undefined) await writeFile(join(path, "verify.json"), JSON.stringify(verify));
  return path;
}

const whole = (run: string, own: object = plan) => ({ format: 1, experiment: "e", run, plan: own });

async function run(...paths: string[]) {
  const progress: string[] = [];
  let document: unknown;
  const output = {
    json: true,
    progress: (line: string) => void progress.push(line),
    result: (given: unknown) => (document = given),
  };
  const status = await bench
    .run(parseArguments(bench, ["models", ...paths]), output)
    .catch((error: Error) => error);
  return { status, progress, steps: (document as { steps?: { run: string; measured: number }[] })?.steps };
}

test("each record that cannot be used is one warning, and the others are judged all the same", async () => {
  const noJob = { ...plan, job: { use: "mop", settings: {} } };
  const bad = {
    empty: { format: 1, experiment: "e", run: "r", plan: {} },
    number: { format: 1, experiment: "e", run: "r", plan: 3 },
    list: [],
    torn: '{"format":1,"exp',
    job: whole("job", noJob),
    topology: whole("topology", { ...plan, topology: { nodes: [null] } }),
  };
  const paths = await Promise.all(
    Object.entries(bad).map(([name, manifest]) => record(`bad/${name}`, { manifest })),
  );
  const good = await record("good", { manifest: whole("good") });
  const { status, progress, steps } = await run(...paths, good);
  assert.equal(status, 0);
  assert.deepEqual(
    progress.map((line) => line.replace(folder, "").replace(/; .*/, "")),
    [
      "/bad/empty: left out: plan.job in its manifest.json is not as docs/records.md says",
      "/bad/number: left out: plan in its manifest.json is not as docs/records.md says",
      "/bad/list: left out: its manifest.json is not as docs/records.md says",
      "/bad/torn: left out: its manifest.json cannot be read",
      '/bad/job: left out: its job cannot be made: there is no job "mop"',
      "/bad/topology: left out: plan.topology.nodes.0 in its manifest.json is not as docs/records.md says",
      "e/good: replayed",
    ],
  );
  assert.deepEqual(
    steps?.map(({ run, measured }) => [run, measured]),
    [["e/good", 180]],
  );
  const none = await run(...paths);
  assert.ok(none.status instanceof Error && "exitStatus" in none.status);
  assert.equal(none.status.exitStatus, 2);
  assert.match(none.status.message, /no record of 6 can be used/);
});

test("lines that are not as they should be are left out with their place, and so is a verification", async () => {
  const path = await record("lines", {
    manifest: whole("lines"),
    metrics: [{ t: 500, state: "running", attempt: 1 }, ...moments],
    decisions: [{ t: 100, is: "tick" }, { t: 200, is: "mst", mst: 5 }, { t: 300, is: "later word" }, mst],
    verify: { pairs: [3] },
  });
  const { status, progress } = await run(path);
  assert.equal(status, 0);
  assert.deepEqual(
    progress.map((line) => line.split(": ").slice(0, -1).join(": ")),
    [
      "e/lines",
      "e/lines/metrics.jsonl:1",
      "e/lines/decisions.jsonl:1",
      "e/lines/decisions.jsonl:2",
      "e/lines",
    ],
  );
  assert.match(progress[0]!, /: pairs\.0 in its verify\.json is not .*; links count as asked$/);
});

test("runs in which nothing was measured are named, with those that can be judged", async () => {
  const unmeasured = await record("unmeasured", { manifest: whole("unmeasured"), decisions: [tick] });
  const unseen = await record("unseen", { manifest: whole("unseen"), metrics: [] });
  const { status, progress } = await run(unmeasured, unseen);
  assert.deepEqual(progress, [
    "e/unmeasured: nothing was measured there (no line `mst` in decisions.jsonl)",
    "e/unseen: metrics.jsonl has no running moment before what was measured",
  ]);
  assert.ok(status instanceof Error && "exitStatus" in status);
  assert.equal(status.exitStatus, 1);
  assert.match(status.message, /no run has anything to judge[\s\S]*fix: name runs of policy ladder/);
});
