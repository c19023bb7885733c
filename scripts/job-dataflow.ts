/** Runs a dataflow job to its end, on this machine or on a lab, and says how it goes and what came of it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openStore } from "#engine/checkpoint/stores/open-store.ts";
import type { CoordinatorStatus } from "#engine/coordinator/coordinator-status.ts";
import type { JobSpec } from "#engine/runtime/messages.ts";
import { durationMs } from "#engine/units.ts";
import { UserError } from "#testbed/user-error.ts";
import { interruptible } from "./interruptible.ts";
import { jobFailure } from "./job-failure.ts";
import { type JobOutput, jobOutput } from "./job-output.ts";
import { type JobRun, startJob } from "./job-place.ts";
import { showPlan } from "./job-plan.ts";
import { eventLine, progressLine, recordsRead } from "./job-progress.ts";
import { apiPortOf, defaultName, given, jobSpecOf, modeOf, runtimeOf, startOf } from "./job-request.ts";
import { asBegun, refuseOtherOut, tellOtherOut, unfinishedJob } from "./job-resumed.ts";
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
  const [start, apiPort] = [startOf(args), apiPortOf(args)];
  const gathered = out === undefined ? undefined : await jobOutput(out);
  const job = jobSpecOf(use, args, gathered?.folder);
  // A lab's nodes are there to crash.
  const isOnLab = args.text("lab") !== undefined;
  const [every, ownStore] = [args.text("checkpoint-every"), args.text("store")];
  const usualMs = ownStore !== undefined || isOnLab ? 10_000 : Infinity;
  const intervalMs = every === undefined ? usualMs : durationMs(every);
  const temporary = ownStore === undefined ? temporaryStore() : undefined;
  const store = ownStore ?? `folder:${temporary}`;
  // What nodes name as their store need not be reached from here.
  if (start.from === "resume" && temporary === undefined && !isOnLab) {
    const former = await unfinishedJob(store, name, process.env);
    if (former !== undefined) {
      refuseOtherOut(name, former, job);
      const line = asBegun(name, former, job);
      if (line !== undefined) output.progress(line);
    }
  }
  let keepsStore = false;
  let keptIn = store;
  const startedMs = performance.now();
  try {
    const status = await interruptible(async (signal) => {
      const run = await startJob(args, {
        name,
        job,
        store,
        start,
        checkpoints: { intervalMs, mode },
        runtime: runtimeOf(args),
        apiPort,
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
      job,
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

function temporaryStore(): string {
  try {
    return mkdtempSync(join(tmpdir(), "brume-job-"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = `${tmpdir()}: no folder for checkpoints can be made there (${code})`;
    throw new UserError("no-temporary-folder", what, "let TMPDIR name one that you may write to", 2, {
      cause: error,
    });
  }
}

async function hasSavepoints(store: string): Promise<boolean> {
  const opened = await openStore(store, process.env);
  return await new Promise((resolve) => {
    opened.list("", (_error, names) => resolve((names ?? []).some((each) => each.includes("/savepoints/"))));
  });
}

type Ending = {
  name: string;
  /** As it was asked for. */
  job: JobSpec;
  out: string | undefined;
  gathered: JobOutput | undefined;
  startedMs: number;
  store: string;
  isTemporary: boolean;
  output: Output;
};

async function conclude(status: CoordinatorStatus, ending: Ending): Promise<ExitStatus> {
  const { name, job: asked, out, gathered, startedMs, store, isTemporary, output } = ending;
  const { state, savepoint, restarts, checkpointCounts, job } = status;
  const seconds = (performance.now() - startedMs) / 1000;
  if (state === "failed") throw jobFailure(name, status, !isTemporary);
  if (state === "cancelled") throw new UserError("cancelled", `job ${name} was cancelled`, "");
  if (state !== "finished" && state !== "stopped") {
    output.progress(`job ${name} was interrupted in state ${state}`);
    return 1;
  }
  // On a lab only now is it known what the run that went on was begun with.
  if (state === "finished") tellOtherOut(name, job, asked);
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
