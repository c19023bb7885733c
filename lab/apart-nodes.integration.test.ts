import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { CoordinatorEvent } from "#engine/coordinator/coordinator-event.ts";
import { faultsOf, publishedLines } from "#engine/processes/counted-for-tests.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { exec } from "#testbed/nodes/exec.ts";
import { apart } from "./apart-nodes-for-tests.ts";
import { startEngineOnLab } from "./engine-on-lab.ts";
import { ownRoot } from "./job-files.ts";
import { namedStore, openOwnFolder } from "./run/checkpoint-store.ts";

const labs = new TestLabs();
const folder = mkdtempSync(join(tmpdir(), "brume-apart-"));
const together = await labs.open(`
name: apart
fabric: wire
defaults: { device: none }
nodes: { coord: { role: coordinator }, dsp1: {}, dsp2: {} }
network: { pairs: [ { delay: 2ms } ] }
`);
after(async () => {
  await labs.end();
  rmSync(folder, { recursive: true, force: true });
});
const lab = apart(together, join(folder, "nodes"), labs.root);
const countingJob = fileURLToPath(import.meta.resolve("#engine/processes/counting-job-for-tests.ts"));
const patienceMs = 60_000;

async function started(t: TestContext, use: string, settings: Record<string, string>) {
  const [events, lines] = [[] as CoordinatorEvent[], [] as string[]];
  const store = await openOwnFolder(lab, (line) => lines.push(line));
  t.after(() => store.end());
  const engine = await startEngineOnLab(lab, {
    name: "job",
    job: { use, settings, parallelism: 2, maxParallelism: 128, parallelismOf: {} },
    ...{ store: store.spec, environment: store.environment, apiPort: 0 },
    start: { from: "empty" },
    checkpoints: { intervalMs: 300 },
    workers: { heartbeatMs: 1_500 },
    onEvent: (event) => events.push(event),
    onLine: (line) => lines.push(line),
  });
  t.after(() => engine.end());
  const completed = () => events.filter(({ event }) => event === "checkpoint-completed").length;
  const until = async (what: string, isSo: () => boolean) => {
    const endMs = performance.now() + patienceMs;
    for (; !isSo(); await sleep(20))
      assert.ok(performance.now() < endMs, `${what}: not yet; ${lines.join("\n")}`);
  };
  return { engine, store, lines, completed, until };
}

test("what nodes are hidden from is hidden: else the other tests here would show nothing", async () => {
  const node = lab.node("dsp1");
  const { stdout } = await exec(node, ["ls", "-A", ownRoot, together.folder.path]);
  assert.doesNotMatch(stdout.toString(), /package\.json|keeper/);
  const { node: program, root } = await node.runtime();
  const told = await exec(node, [program, "-p", `require("node:fs").existsSync("${root}/package.json")`]);
  assert.equal(told.stdout.toString().trim(), "true", told.stderr.toString());
});

test("a job runs on nodes that share no files, keeps its state on one of them, and survives its crash", {
  timeout: 3 * patienceMs,
}, async (t) => {
  const out = join(folder, "out");
  const run = await started(t, countingJob, { events: "60k", rate: "15k/s", out });
  assert.match(run.store.spec, /^served:/);
  assert.equal(run.store.node, "coord");
  assert.match(run.lines.join("\n"), /a folder on coord, which serves it: coord, dsp1, dsp2 see no folder/);
  await run.until("two checkpoints", () => run.completed() >= 2);
  const api = `http://127.0.0.1:${run.engine.coordinator.apiPort}/`;
  assert.equal((await fetch(`${api}job`)).status, 200);
  await lab.node("coord").crash();
  await sleep(2_000);
  await lab.node("coord").start();
  const { state, failure } = await run.engine.coordinator.over;
  assert.equal(state, "finished", `${failure?.message} ${run.lines.join("\n")}`);
  assert.deepEqual(faultsOf(publishedLines(out), 60_000).slice(0, 10), []);
  await run.engine.end();
  await run.store.end();
  const left = readdirSync(await lab.node("coord").folder());
  assert.deepEqual(
    left.filter((name) => !/^compile$/.test(name)),
    [],
  );
});

test("a person's own job file is brought with what it imports, and is the same engine's as the worker", {
  timeout: 2 * patienceMs,
}, async (t) => {
  const own = join(folder, "own");
  mkdirSync(join(own, "jobs"), { recursive: true });
  // As below the project's folder, without writing there.
  for (const name of ["engine", "package.json", "node_modules"])
    symlinkSync(join(ownRoot, name), join(own, name));
  writeFileSync(
    join(own, "jobs", "twice.ts"),
    "export const twice = (value: number): number => 2 * value;\n",
  );
  writeFileSync(join(own, "jobs", "mine.ts"), ownJob);
  const run = await started(t, join(own, "jobs", "mine.ts"), { out: join(folder, "own-out") });
  const { state, failure } = await run.engine.coordinator.over;
  assert.equal(state, "finished", `${failure?.message} ${run.lines.join("\n")}`);
  const results = publishedLines(join(folder, "own-out"));
  assert.equal(results.length, 500);
  assert.ok(results.every(({ number }) => number % 2 === 0));
});

test("a folder that somebody names, and nodes do not see, is refused before anything is started", async () => {
  const named = `folder:${join(folder, "named")}`;
  await assert.rejects(namedStore(lab, named, {}), {
    code: "folder-not-seen",
    message: /named: coord, dsp1, dsp2 do not see/,
  });
  assert.equal((await namedStore(together, named, {})).spec, named);
});

const ownJob = `
import { defineJob } from "#engine/dataflow/job.ts";
import { fileSink } from "#engine/sinks/file.ts";
import { generatedSource } from "#engine/sources/generated.ts";
import { twice } from "./twice.ts";

export default defineJob({
  name: "mine",
  summary: "doubles numbers",
  settings: { out: { kind: "text", default: "out", help: "folder for the results" } },
  build(flow, { out }) {
    flow
      .source(generatedSource({ keys: 10, count: 500, skew: 0.5 }))
      .id("numbers")
      .keyBy("key")
      .process({
        output: { number: "integer" },
        state: {},
        onRow(row, _context, results) {
          results.emit({ number: twice(row.number) });
        },
      })
      .id("double")
      .sink(fileSink({ folder: out }));
  },
});
`;
