/** Runs a bounded job in this thread on records that are in memory already: what operators cost without their sources. */

import type { JobPlan, OperatorPlan } from "../dataflow/plan.ts";
import { planDefinition } from "../dataflow/plan-job.ts";
import { runInline } from "../dataflow/run-inline.ts";
import { builtInJobs } from "../jobs/registry.ts";
import type { OperatorContext, Output } from "../operators/operator.ts";
import type { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import type { Polled, Source } from "../sources/source.ts";
import { MemoryState } from "../state/memory-state.ts";

export type PreloadedRun = {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
};

type Recorded =
  | { readonly is: "batch"; readonly output: string; readonly batch: Batch }
  | { readonly is: "watermark"; readonly watermarkMs: number };

export async function runPreloaded(
  use: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<PreloadedRun> {
  const plan = preloaded(planDefinition(await builtInJobs[use]!(), { settings }));
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  await runInline(plan, { nowMs: () => performance.now() });
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    seconds: (performance.now() - startedMs) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** The plan with each source replaced by what it gives. */
function preloaded(plan: JobPlan): JobPlan {
  const tasks = plan.tasks.map((task) => ({ ...task, operators: task.operators.map(loaded) }));
  return { ...plan, tasks };
}

function loaded(operator: OperatorPlan): OperatorPlan {
  if (!("source" in operator.make)) return operator;
  const records = record(operator.make.source());
  return { ...operator, make: { source: () => new Replay(records) } };
}

function record(source: Source): Recorded[] {
  const records: Recorded[] = [];
  const keep = (output: string): Output => ({
    emit(batch) {
      const builder = new BatchBuilder(batch.schema, Math.max(1, batch.rowCount));
      builder.appendRange(batch, 0, batch.rowCount);
      records.push({ is: "batch", output, batch: builder.detach() });
    },
  });
  source.open({
    subtask: 0,
    parallelism: 1,
    maxParallelism: 128,
    out: keep(""),
    side: keep,
    state: new MemoryState({ operator: "source", maxParallelism: 128 }),
    nowMs: () => 0,
  } as unknown as OperatorContext);
  for (let polled = source.poll(0); polled.is !== "end"; polled = source.poll(0)) {
    if (polled.is === "batch") keep("").emit(polled.batch);
    records.push({ is: "watermark", watermarkMs: source.watermarkMs });
  }
  source.close?.();
  return records;
}

class Replay implements Source {
  watermarkMs = Number.NEGATIVE_INFINITY;
  readonly dueMs = Number.NaN;
  readonly #records: readonly Recorded[];
  #next = 0;
  #context: OperatorContext | undefined;

  constructor(records: readonly Recorded[]) {
    this.#records = records;
  }

  open(context: OperatorContext): void {
    this.#context = context;
  }

  poll(): Polled {
    if (this.#next === this.#records.length) return { is: "end" };
    for (;;) {
      const record = this.#records[this.#next++];
      if (record === undefined) break;
      if (record.is === "watermark") {
        this.watermarkMs = record.watermarkMs;
        break;
      }
      const output = record.output === "" ? this.#context!.out : this.#context!.side(record.output);
      output.emit(record.batch);
    }
    return { is: "emitted" };
  }
}
