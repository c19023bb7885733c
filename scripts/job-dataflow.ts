/** Runs a dataflow job to its end, on this machine or on a lab, and says how it goes and what came of it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openStore } from "#engine/checkpoint/stores/open-store.ts";
import type { CoordinatorStatus } from "#engine/coordinator/coordinator-status.ts";
import { EngineError } from "#engine/engine-error.ts";
import { durationMs } from "#engine/units.ts";
import { UserError } from "#testbed/user-error.ts";
import { interruptible } from "./interruptible.ts";
import { type JobOutput, jobOutput } from "./job-output.ts";
import { type JobRun, startJob } from "./job-place.ts";
import { showPlan } from "./job-plan.ts";
import { eventLine, progressLine, recordsRead } from "./job-progress.ts";
import { defaultName, given, jobSpecOf, modeOf, runtimeOf, startOf } from "./job-request.ts";
import { checkJobName, forgetRunning, noteRunning, refuseRunning } from "./running-jobs.ts";
import type { Arguments, ExitStatus, Output } from "./verb.ts";

const progressEveryMs = 2_000;

export async function runDataflow(use: string, args: Arguments, output: Output): Promise<ExitStatus> {
  if (args.flag("plan")) return await showPlan(use, args, output);
  const name = args.text("name") ?? defaultName(use);
  checkJobName(name);
  refuseRunning(name);
  const mode = modeOf(args);
  const out = args.text("out");
  const gathered = out === undefined ? undefined : await jobOutput(resolve(out));
  const temporary = args.text("store") === undefined ? mkdtempSync(join(tmpdir(), "brume-job-")) : undefined;
  const store = args.text("store") ?? `folder:${temporary}`;
  const every = args.text("checkpoint-every");
  // Its nodes are there to crash.
  const isOnLab = args.text("lab") !== undefined;
  const intervalMs =
    every === undefined ? (temporary === undefined || isOnLab ? 10_000 : Infinity) : durationMs(every);
  let keepsStore = false;
  let keptIn = store;
  const startedMs = performance.now();
  try {
    const status = await interruptible(async (signal) => {
      const run = await startJob(args, {
        name,
        job: jobSpecOf(use, args, gathered?.folder),
        store,
        start: startOf(args),
        checkpoints: { intervalMs, mode },
        runtime: runtimeOf(args),
        apiPort: args.count("api-port", 0),
        environment: process.env,
        onEvent: (event) => {
          const line = eventLine(event);
          if (line !== undefined) output.progress(line);
        },
        onLine: output.progress,
      });
      keptIn = run.store ?? store;
      const running = { name, pid: process.pid, url: apiUrl(run), token: run.token, ...given(args, "lab") };
      try {
        noteRunning(running);
        output.progress(`job ${name}: HTTP API at ${running.url}`);
        return await watch(run, signal, output);
      } finally {
        forgetRunning(running);
        await run.end();
      }
    });
    keepsStore = temporary !== undefined && (await hasSavepoints(store));
    return await conclude(status, {
      name,
      out,
      gathered,
      startedMs,
      store: keptIn,
      isTemporary: temporary !== undefined,
      output,
    });
  } finally {
    if (temporary !== undefined && !keepsStore) rmSync(temporary, { recursive: true, force: true });
    if (temporary !== undefined && !keepsStore) await gathered?.discard();
  }
}

const apiUrl = ({ coordinator }: JobRun): string => `http://127.0.0.1:${coordinator.apiPort}`;

/** Until it is over or interrupted, with a line now and then. */
async function watch(
  { coordinator }: JobRun,
  signal: AbortSignal,
  output: Output,
): Promise<CoordinatorStatus> {
  let isOver = false;
  const over = coordinator.over.finally(() => {
    isOver = true;
  });
  const startedMs = performance.now();
  let before = { atMs: startedMs, records: 0 };
  while (!isOver && !signal.aborted) {
    const pause = new AbortController();
    const wake = () => pause.abort();
    signal.addEventListener("abort", wake, { once: true });
    await Promise.race([
      over,
      sleep(progressEveryMs, undefined, { signal: pause.signal }).catch(() => undefined),
    ]);
    signal.removeEventListener("abort", wake);
    pause.abort();
    if (isOver || signal.aborted) break;
    const now = { atMs: performance.now(), records: recordsRead(coordinator.status()) };
    output.progress(progressLine(coordinator.status(), before, now));
    before = now;
  }
  return isOver ? await over : coordinator.status();
}

async function hasSavepoints(store: string): Promise<boolean> {
  const opened = await openStore(store, process.env);
  return await new Promise((resolve) => {
    opened.list("", (_error, names) => resolve((names ?? []).some((each) => each.includes("/savepoints/"))));
  });
}

type Ending = {
  name: string;
  out: string | undefined;
  gathered: JobOutput | undefined;
  startedMs: number;
  store: string;
  isTemporary: boolean;
  output: Output;
};

async function conclude(status: CoordinatorStatus, ending: Ending): Promise<ExitStatus> {
  const { name, out, gathered, startedMs, store, isTemporary, output } = ending;
  const { state, failure, savepoint, restarts, checkpointCounts, job } = status;
  const seconds = (performance.now() - startedMs) / 1000;
  if (state === "failed" && failure) {
    const { latestCheckpoint } = status;
    const isKept = latestCheckpoint !== undefined && !isTemporary;
    const fix = isKept
      ? `its last complete checkpoint is kept: --from-savepoint ${latestCheckpoint} goes on from it`
      : "";
    throw new EngineError(failure.code, `job ${name} failed: ${failure.message}`, fix);
  }
  if (state === "cancelled") throw new UserError("cancelled", `job ${name} was cancelled`, "");
  if (state !== "finished" && state !== "stopped") {
    output.progress(`job ${name} was interrupted in state ${state}`);
    return 1;
  }
  const bytes = state === "finished" ? await gathered?.gather() : undefined;
  const records = recordsRead(status);
  const document = {
    job: name,
    state,
    parallelism: job.parallelism,
    seconds,
    records,
    checkpoints: checkpointCounts.completed,
    restarts,
    savepoint: savepoint ?? null,
    store,
    out: out ?? null,
    outBytes: bytes ?? null,
  };
  const what = state === "stopped" ? `stopped with savepoint ${savepoint} in ${store}` : "finished";
  const wrote = bytes === undefined ? "" : `, ${bytes} bytes in ${out}`;
  output.result(document, `${name}: ${what} after ${seconds.toFixed(1)} s, ${records} records${wrote}`);
  return 0;
}
