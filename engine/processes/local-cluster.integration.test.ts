import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { assertExact, counting, finished, isAlive, started, until } from "./cluster-for-tests.ts";
import { faultsWithoutOrder, publishedLines } from "./counted-for-tests.ts";

const checkpoints = (job: { events: { event: string }[] }): number =>
  job.events.filter(({ event }) => event === "checkpoint-completed").length;

const memoryOf = (pid: number) => {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { rssBytes: Number(kilobytes) * 1024 };
};

/** The kernel counts in hundredths of a second. */
const cpuMs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
};

for (const parallelism of [1, 2]) {
  test(`at parallelism ${parallelism} every record is counted once, in order, and no process is left`, async (t) => {
    const job = counting(t, { events: "50k" }, parallelism);
    const cluster = await started(t, job.options());
    await until(() => Object.keys(cluster.workerPids()).length === parallelism);
    const pids = Object.values(cluster.workerPids());
    await finished(cluster, job);
    await cluster.end();
    assertExact(job, 50_000);
    assert.deepEqual(pids.filter(isAlive), []);
  });
}

test("there are workers for the widest operator, and roles ask for no other machine", async (t) => {
  const job = counting(t, {}, 1);
  const options = job.options();
  const use = join(import.meta.dirname, "wide-job-for-tests.ts");
  const cluster = await started(t, { ...options, job: { ...options.job, use, settings: { out: job.out } } });
  await finished(cluster, job);
  assert.deepEqual(Object.keys(cluster.workerPids()).length, 3);
  assert.equal(publishedLines(job.out).length, 3000);
});

test("a rescale that is refused starts no worker", async (t) => {
  const job = counting(t, { events: "60k", rate: "10k/s" }, 1);
  const cluster = await started(t, job.options());
  await until(() => cluster.coordinator.status().state === "running");
  const headers = { authorization: `Bearer ${cluster.token}`, "content-type": "application/json" };
  const url = `http://127.0.0.1:${cluster.coordinator.apiPort}/rescale`;
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ parallelism: 200 }) });
  assert.equal(answer.status, 400, await answer.text());
  assert.equal(Object.keys(cluster.workerPids()).length, 1);
});

test("workers that are killed at any moment cost no record, no order and no doubling", {
  timeout: 120_000,
}, async (t) => {
  // So many that it lasts for longer than four restarts, on a slow machine too.
  const job = counting(t, { events: "150k", rate: "15k/s" }, 2);
  const cluster = await started(t, job.options());
  for (let round = 0; round < 4; round++) {
    const before = checkpoints(job);
    await until(() => checkpoints(job) > before);
    // Not always at the same distance from a checkpoint.
    await sleep(37 * round);
    const pids = Object.values(cluster.workerPids());
    process.kill(pids[round % pids.length]!, "SIGKILL");
  }
  await finished(cluster, job);
  assertExact(job, 150_000);
  assert.ok(job.events.filter(({ event }) => event === "worker-lost").length >= 4);
});

test("a coordinator that goes without a word is followed by one that resumes", {
  timeout: 120_000,
}, async (t) => {
  const job = counting(t, { events: "60k", rate: "20k/s" }, 2);
  const first = await started(t, job.options());
  await until(() => checkpoints(job) >= 2);
  // As a crash would look to the store: nothing is said, nothing finished.
  await first.end();
  const second = await started(t, job.options());
  await finished(second, job);
  assertExact(job, 60_000);
  const restored = job.events.findLast(({ event }) => event === "attempt");
  assert.ok(restored?.event === "attempt" && restored.restore !== undefined);
});

test("a savepoint and a start from it at another parallelism count on from where it was", {
  timeout: 120_000,
}, async (t) => {
  const job = counting(t, { events: "40k", rate: "20k/s" }, 2);
  const first = await started(t, job.options());
  await until(() => checkpoints(job) >= 2);
  const manifest = await new Promise<string>((resolve, reject) => {
    first.coordinator.core.stop("aligned", (error, name) => (error ? reject(error) : resolve(name!)));
  });
  assert.equal((await first.coordinator.over).state, "stopped");
  await first.end();
  const stopped = publishedLines(job.out).length;
  assert.ok(stopped > 0 && stopped < 40_000);
  const { job: spec, ...rest } = job.options();
  const second = await started(t, {
    ...rest,
    name: "counting-on",
    job: { ...spec, parallelism: 3 },
    start: { from: "savepoint", manifest, allowDroppedState: false },
  });
  await finished(second, job);
  assert.deepEqual(faultsWithoutOrder(publishedLines(job.out), 40_000), []);
});

test("rescaled 1 → 2 → 3 → 2 while it runs, by either barriers, a job counts on as if nothing had been", {
  timeout: 120_000,
}, async (t) => {
  const job = counting(t, { events: "80k", rate: "16k/s" }, 1);
  const cluster = await started(t, job.options());
  const url = `http://127.0.0.1:${cluster.coordinator.apiPort}`;
  for (const [parallelism, mode] of [
    [2, "aligned"],
    [3, "unaligned"],
    [2, "unaligned"],
  ] as const) {
    const before = checkpoints(job);
    await until(() => checkpoints(job) > before);
    const response = await fetch(`${url}/rescale`, {
      method: "POST",
      headers: { Authorization: `Bearer ${cluster.token}` },
      body: JSON.stringify({ parallelism, mode }),
    });
    const report = (await response.json()) as { outcome: string; standStillMs: number };
    assert.deepEqual([response.status, report.outcome], [200, "done"], JSON.stringify(report));
    t.diagnostic(`to ${parallelism}, ${mode}: stood still for ${Math.round(report.standStillMs)} ms`);
  }
  await finished(cluster, job);
  assert.deepEqual(faultsWithoutOrder(publishedLines(job.out), 80_000), []);
});

test("a worker without a job takes less than 80 MB and next to no time of a processor", async (t) => {
  const job = counting(t, { events: "10M", rate: "1k/s" }, 1);
  const cluster = await started(t, job.options());
  // More than the job needs.
  cluster.growWorkers(2);
  await until(() => cluster.coordinator.status().workers.length === 2);
  await until(() => cluster.coordinator.status().state === "running");
  const busy = new Set(cluster.coordinator.status().tasks.flatMap(({ workers }) => workers));
  const [, pid] = Object.entries(cluster.workerPids()).find(([name]) => !busy.has(name))!;
  await sleep(1_500);
  const before = cpuMs(pid);
  await sleep(2_000);
  const { rssBytes } = memoryOf(pid);
  t.diagnostic(`${(rssBytes / 1e6).toFixed(1)} MB, ${cpuMs(pid) - before} ms of CPU in 2 s`);
  assert.ok(rssBytes <= 80e6);
  assert.ok(cpuMs(pid) - before <= 100);
});

test("a worker ends by itself when whoever started it is gone", async (t) => {
  const job = counting(t, { events: "10M", rate: "1k/s" }, 1);
  const cluster = await started(t, job.options());
  await until(() => checkpoints(job) >= 1);
  const [pid] = Object.values(cluster.workerPids());
  await cluster.end();
  assert.equal(isAlive(pid!), false);
  assert.deepEqual(
    readdirSync(job.folder).filter((name) => name.endsWith(".part")),
    [],
  );
});

test("an unknown job file, setting and store are refused before anything is started", async (t) => {
  const job = counting(t, {}, 1);
  const { job: spec } = job.options();
  await assert.rejects(started(t, job.options({ job: { ...spec, use: "/nowhere/job.ts" } })), {
    name: "EngineError",
    message: /\/nowhere\/job\.ts/,
  });
  await assert.rejects(started(t, job.options({ job: { ...spec, settings: { evnts: "1" } } })), {
    name: "EngineError",
    message: /evnts/,
  });
  await assert.rejects(started(t, job.options({ store: "s3:x" })), { code: "store-unknown" });
  await assert.rejects(started(t, job.options({ store: "minio:x-y", environment: {} })), {
    code: "store-credentials",
  });
});
