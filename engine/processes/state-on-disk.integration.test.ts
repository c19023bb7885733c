import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { StateBackend } from "../state/state-backend.ts";
import { assertExact, counting, finished, started, until } from "./cluster-for-tests.ts";
import { faultsWithoutOrder, publishedLines } from "./counted-for-tests.ts";
import type { LocalCluster } from "./local-cluster.ts";

/** Some fifty of the job's thousand keys: most of them lie on disk at any time. */
const disk: StateBackend = { backend: "disk", cacheBytes: 4_000 };
const memory: StateBackend = { backend: "memory" };

type Job = ReturnType<typeof counting>;

const checkpoints = ({ events }: Job): number =>
  events.filter(({ event }) => event === "checkpoint-completed").length;

async function furtherCheckpoint(job: Job): Promise<void> {
  const before = checkpoints(job);
  await until(() => checkpoints(job) > before);
}

const stopped = ({ coordinator }: LocalCluster): Promise<string> =>
  new Promise((resolve, reject) => {
    coordinator.core.stop("aligned", (error, name) => (error ? reject(error) : resolve(name!)));
  });

/** Files without a name that a process has open; none of one that is gone. */
const unnamedFiles = (pid: number): string[] => {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
      try {
        const target = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
        return target.endsWith(" (deleted)") ? [target] : [];
      } catch {
        return []; // Closed in the meantime.
      }
    });
  } catch {
    return [];
  }
};

test("state on disk survives workers that are killed, exactly, and they leave no file of it behind", {
  timeout: 120_000,
}, async (t) => {
  // So many that it lasts for longer than three restarts, on a slow machine too.
  const job = counting(t, { events: "120k", rate: "15k/s" }, 2);
  const temporary = join(job.folder, "temporary");
  mkdirSync(temporary);
  const environment = { ...process.env, TMPDIR: temporary };
  const cluster = await started(t, job.options({ environment, runtime: { state: disk } }));
  for (let round = 0; round < 3; round++) {
    await furtherCheckpoint(job);
    await sleep(37 * round);
    const pid = () => Object.values(cluster.workerPids())[round % 2]!;
    // The checkpoint may be one that was under way when the last worker was killed: then the job is only starting again.
    await until(() => unnamedFiles(pid()).some((file) => file.startsWith(temporary)));
    process.kill(pid(), "SIGKILL");
  }
  await finished(cluster, job);
  await cluster.end();
  assertExact(job, 120_000);
  assert.deepEqual(readdirSync(temporary), []);
});

test("a savepoint of state on disk goes on in memory, and that one on disk again, at other parallelisms", {
  timeout: 120_000,
}, async (t) => {
  const events = 60_000;
  const job = counting(t, { events: `${events}`, rate: "20k/s" }, 2);
  const { job: spec, ...rest } = job.options();
  const first = await started(t, job.options({ runtime: { state: disk } }));
  await furtherCheckpoint(job);
  let manifest = await stopped(first);
  await first.end();
  const second = await started(t, {
    ...rest,
    name: "in-memory",
    job: { ...spec, parallelism: 3 },
    start: { from: "savepoint", manifest, allowDroppedState: false },
    runtime: { state: memory },
  });
  await furtherCheckpoint(job);
  manifest = await stopped(second);
  await second.end();
  assert.ok(publishedLines(job.out).length < events);
  const third = await started(t, {
    ...rest,
    name: "on-disk",
    job: { ...spec, parallelism: 1 },
    start: { from: "savepoint", manifest, allowDroppedState: false },
    runtime: { state: disk },
  });
  await finished(third, job);
  assert.deepEqual(faultsWithoutOrder(publishedLines(job.out), events), []);
});
