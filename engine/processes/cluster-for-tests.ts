/** Runs the counting job on real processes in a folder of its own, and takes all of it away again. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { CoordinatorEvent } from "../coordinator/coordinator-event.ts";
import { faultsOf, publishedLines } from "./counted-for-tests.ts";
import { type LocalCluster, type LocalClusterOptions, startLocalCluster } from "./local-cluster.ts";

export const countingJob = join(import.meta.dirname, "counting-job-for-tests.ts");

export type Counting = {
  readonly folder: string;
  readonly out: string;
  readonly events: CoordinatorEvent[];
  readonly lines: string[];
  options(more?: Partial<LocalClusterOptions>): LocalClusterOptions;
};

export function counting(
  t: TestContext,
  settings: Readonly<Record<string, string>>,
  parallelism: number,
): Counting {
  const folder = mkdtempSync(join(tmpdir(), "brume-counting-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const out = join(folder, "out");
  const events: CoordinatorEvent[] = [];
  const lines: string[] = [];
  const options = (more: Partial<LocalClusterOptions> = {}): LocalClusterOptions => ({
    name: "counting",
    job: {
      use: countingJob,
      settings: { ...settings, out },
      parallelism,
      maxParallelism: 128,
      parallelismOf: {},
    },
    store: `folder:${join(folder, "store")}`,
    start: { from: "resume" },
    checkpoints: { intervalMs: 150 },
    apiPort: 0,
    environment: process.env,
    onEvent: (event) => void events.push(event),
    onLine: (line) => void lines.push(line),
    ...more,
  });
  return { folder, out, events, lines, options };
}

/** Starts it, and sees to its end whatever the test does. */
export async function started(t: TestContext, options: LocalClusterOptions): Promise<LocalCluster> {
  const cluster = await startLocalCluster(options);
  t.after(() => cluster.end());
  return cluster;
}

export async function finished(cluster: LocalCluster, job: Counting, timeoutMs = 60_000): Promise<void> {
  const status = await Promise.race([
    cluster.coordinator.over,
    sleep(timeoutMs, undefined, { ref: false }).then(() => undefined),
  ]);
  const trace = () => `${JSON.stringify(job.events.slice(-30), null, 1)}\n${job.lines.slice(-20).join("\n")}`;
  assert.equal(status?.state, "finished", `${JSON.stringify(status?.failure)}\n${trace()}`);
}

export function assertExact(job: Counting, events: number): void {
  assert.deepEqual(faultsOf(publishedLines(job.out), events).slice(0, 10), []);
}

export async function until(what: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  for (const deadlineMs = performance.now() + timeoutMs; !(await what()); await sleep(10)) {
    assert.ok(performance.now() < deadlineMs, "it did not come in time");
  }
}

export const isAlive = (pid: number): boolean => {
  try {
    // A zombie has ended, though its parent has not noticed.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};
