import assert from "node:assert/strict";
import { existsSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { CoordinatorEvent } from "#engine/coordinator/coordinator-event.ts";
import { faultsOf, faultsWithoutOrder, publishedLines } from "#engine/processes/counted-for-tests.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { type EngineOnLab, startEngineOnLab } from "./engine-on-lab.ts";

const labs = new TestLabs();
const lab = await labs.open(`
name: engine-on-lab
fabric: wire
defaults: { device: none }
nodes: { coord: { role: coordinator }, gen: { role: generator }, dsp1: {}, dsp2: {} }
network: { pairs: [ { delay: 3ms } ] }
`);
after(() => labs.end());

const countingJob = fileURLToPath(import.meta.resolve("#engine/processes/counting-job-for-tests.ts"));
const linkJob = fileURLToPath(new URL("bench/link-job.ts", import.meta.url));
const patienceMs = 60_000;

type Run = EngineOnLab & { events: CoordinatorEvent[]; lines: string[]; out: string };

async function started(
  t: TestContext,
  use: string,
  settings: Record<string, string>,
  parallelism: number,
): Promise<Run> {
  const folder = mkdtempSync(join(labs.root, "job-"));
  const [out, events, lines] = [join(folder, "out"), [] as CoordinatorEvent[], [] as string[]];
  const engine = await startEngineOnLab(lab, {
    name: "job",
    job: {
      use,
      settings: use === countingJob ? { ...settings, out } : settings,
      ...{ parallelism, maxParallelism: 128, parallelismOf: {} },
    },
    store: `folder:${join(folder, "store")}`,
    start: { from: "empty" },
    checkpoints: { intervalMs: 200 },
    workers: { heartbeatMs: 1_500 },
    apiPort: 0,
    onEvent: (event) => events.push(event),
    onLine: (line) => lines.push(line),
  });
  t.after(() => engine.end());
  return { ...engine, events, lines, out };
}

async function until(what: string, isSo: () => boolean, run: Run): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (!isSo()) {
    assert.ok(performance.now() < endMs, `${what}: not yet; ${run.lines.join("\n")}`);
    await sleep(20);
  }
}

async function finished(run: Run): Promise<void> {
  const { state, failure } = await run.coordinator.over;
  assert.equal(state, "finished", `${failure?.message} ${run.lines.join("\n")}`);
}

const checkpoints = ({ events }: Run): number =>
  events.filter(({ event }) => event === "checkpoint-completed").length;

/** By the name of the first operator. */
const placed = ({ coordinator }: Run, operator: string): readonly string[] =>
  coordinator.status().tasks.find(({ operators }) => operators.includes(operator))?.workers ?? [];

const processes = async (): Promise<number[]> =>
  await Promise.all(lab.nodeNames().map(async (name) => (await lab.node(name).usage()).processes));

test("two subtasks on two nodes count every record once, in order, and no process stays", async (t) => {
  const run = await started(t, countingJob, { events: "40k", rate: "20k/s" }, 2);
  await until("it is placed", () => placed(run, "count").length > 0, run);
  assert.deepEqual(placed(run, "count"), ["dsp1", "dsp2"]);
  const at = run.coordinator.status().workers.map(({ name, host }) => [name, host]);
  assert.deepEqual(at, [
    ["dsp1", lab.node("dsp1").address.v4],
    ["dsp2", lab.node("dsp2").address.v4],
  ]);
  await finished(run);
  await run.end();
  assert.deepEqual(faultsOf(publishedLines(run.out), 40_000).slice(0, 10), []);
  assert.deepEqual(await processes(), [0, 0, 0, 0]);
});

test("a task that asks for a role runs on a node of that role, and what asks for none does not", async (t) => {
  const run = await started(t, linkJob, {}, 1);
  await until("it is placed", () => placed(run, "source").length > 0, run);
  assert.deepEqual(placed(run, "source"), ["gen"]);
  // Whichever was there first.
  assert.match(placed(run, "sink").join(), /^dsp[12]$/);
});

test("the machine reaches the API of a coordinator that it has no network to, and rescales by it", async (t) => {
  const run = await started(t, countingJob, { events: "60k", rate: "15k/s" }, 1);
  await until("a checkpoint", () => checkpoints(run) > 0, run);
  const url = `http://127.0.0.1:${run.coordinator.apiPort}/rescale`;
  const body = JSON.stringify({ parallelism: 2 });
  const refused = await fetch(url, { method: "POST", body });
  assert.equal(refused.status, 401);
  const headers = { Authorization: `Bearer ${run.token}` };
  const answer = await fetch(url, { method: "POST", body, headers });
  assert.equal(((await answer.json()) as { outcome: string }).outcome, "done");
  await until("it is wider", () => placed(run, "count").length === 2, run);
  await finished(run);
  assert.deepEqual(faultsWithoutOrder(publishedLines(run.out), 60_000), []);
});

for (const name of ["dsp2", "coord"]) {
  test(`a crash of ${name} in the middle costs no record, no order and no doubling once it is back`, {
    timeout: 2 * patienceMs,
  }, async (t) => {
    const run = await started(t, countingJob, { events: "60k", rate: "15k/s" }, 2);
    await until("two checkpoints", () => checkpoints(run) >= 2, run);
    await lab.node(name).crash();
    const attempts = () => run.events.filter(({ event }) => event === "attempt").length;
    const before = attempts();
    await until("its end is told", () => run.lines.some((line) => line.includes(`${name} is down`)), run);
    // Longer than a heartbeat.
    await sleep(2_000);
    assert.equal(attempts(), before);
    const isLost = run.events.some((event) => event.event === "worker-lost" && /silent/.test(event.because));
    assert.equal(isLost, name === "dsp2");
    await lab.node(name).start();
    await finished(run);
    assert.ok(attempts() > before);
    assert.deepEqual(faultsOf(publishedLines(run.out), 60_000).slice(0, 10), []);
  });
}

test("a job that is wider than the lab starts nothing and says what would do", async () => {
  await assert.rejects(
    startEngineOnLab(lab, {
      name: "job",
      job: { use: countingJob, settings: {}, parallelism: 3, maxParallelism: 128, parallelismOf: {} },
      ...{ store: `folder:${labs.root}/none`, start: { from: "empty" }, slots: 1, apiPort: 0 },
      onEvent: () => assert.fail("something was started"),
      onLine: () => undefined,
    }),
    { code: "slots-lacking", message: /--slots 2/ },
  );
  assert.equal(existsSync(join(labs.root, "none")), false);
  assert.deepEqual(await processes(), [0, 0, 0, 0]);
});
