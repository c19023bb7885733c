/** How much of a long, narrow link's rate a job carries as payload: two subtasks on different nodes, and nothing else on it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { processUsage } from "#engine/bench/process-usage.ts";
import type { CoordinatorStatus } from "#engine/coordinator/coordinator-status.ts";
import type { WorkerFigures } from "#engine/runtime/worker-metrics.ts";
import { destroy } from "#testbed/destroy.ts";
import { LabFolder } from "#testbed/lab.ts";
import { Lab } from "#testbed/open-lab.ts";
import { provision } from "#testbed/provision.ts";
import { parseTopology } from "#testbed/topology/load.ts";
import { UserError } from "#testbed/user-error.ts";
import { type EngineOnLab, startEngineOnLab } from "../engine-on-lab.ts";
import { keyBytes } from "./random-records.ts";

export type LinkSettings = {
  /** One way. */
  readonly delayMs: number;
  /** Of both nodes' access, in Mbit/s. */
  readonly rateMbit: number;
  readonly payloadBytes: number;
  readonly bufferBytes: number;
  /** TCP's start and the window's growth are not measured. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
};

export type LinkResult = {
  readonly seconds: number;
  readonly records: number;
  /** Values of keys and payloads as they lie in columns, as they arrived. */
  readonly payloadMbit: number;
  readonly share: number;
  /** The most that was seen in the queues of a worker, and what it was allowed. */
  readonly queuedBytes: number;
  readonly bufferBytes: number;
  readonly senderRssBytes: number;
  readonly receiverRssBytes: number;
};

const sampleMs = 250;
const startMs = 30_000;
const job = fileURLToPath(new URL("link-job.ts", import.meta.url));

const topology = ({ delayMs, rateMbit }: LinkSettings) => `
name: bench-link
fabric: wire
defaults: { device: none }
nodes:
  coord: { role: coordinator }
  near: { role: generator }
  far: { role: worker }
network:
  access:
    near: { up: ${rateMbit}Mbit/s, down: ${rateMbit}Mbit/s }
    far: { up: ${rateMbit}Mbit/s, down: ${rateMbit}Mbit/s }
  pairs:
    - { from: near, to: far, delay: ${delayMs}ms }
    - { from: far, to: near, delay: ${delayMs}ms }
`;

export async function measureLink(settings: LinkSettings): Promise<LinkResult> {
  const root = mkdtempSync(join(tmpdir(), "brume-bench-"));
  const wanted = parseTopology(topology(settings), "bench-link.yaml", () => "");
  try {
    const { folder } = await provision(wanted, { root, signal: settings.signal });
    const lab = new Lab(folder);
    try {
      return await onLab(lab, `folder:${join(root, "store")}`, settings);
    } finally {
      lab.close();
    }
  } finally {
    const folder = new LabFolder(wanted.name, root);
    if (folder.exists()) await destroy(folder, root);
    rmSync(root, { recursive: true, force: true });
  }
}

async function onLab(lab: Lab, store: string, settings: LinkSettings): Promise<LinkResult> {
  const { payloadBytes, bufferBytes } = settings;
  const said: string[] = [];
  const engine = await startEngineOnLab(lab, {
    name: "link",
    job: {
      use: job,
      settings: { payload: `${payloadBytes}B` },
      parallelism: 1,
      maxParallelism: 128,
      parallelismOf: {},
    },
    start: { from: "empty" },
    checkpoints: { intervalMs: Number.POSITIVE_INFINITY },
    runtime: { bufferBytes },
    ...{ store, apiPort: 0 },
    onEvent: () => undefined,
    onLine: (line) => said.push(line),
  });
  try {
    return await Promise.race([
      measured(engine, settings),
      engine.coordinator.over.then(({ state, failure }) => {
        throw new UserError(
          "bench-failed",
          `the job is ${state}: ${failure?.message ?? said.join("; ")}`,
          "",
        );
      }),
    ]);
  } finally {
    await engine.end();
  }
}

type Sample = { readonly atMs: number; readonly records: number; readonly queuedBytes: number };

async function measured({ coordinator }: EngineOnLab, settings: LinkSettings): Promise<LinkResult> {
  const { payloadBytes, bufferBytes, rateMbit, warmUpSeconds, seconds, signal } = settings;
  const untilMs = performance.now() + startMs;
  while (sampleOf(coordinator.status()) === undefined && performance.now() < untilMs)
    await sleep(sampleMs, undefined, { signal });
  await sleep(warmUpSeconds * 1000, undefined, { signal });
  const first = sampleOf(coordinator.status());
  if (first === undefined) throw new UserError("bench-failed", "no record has arrived", "");
  let last = first;
  let queuedBytes = 0;
  while (last.atMs - first.atMs < seconds * 1000) {
    await sleep(sampleMs, undefined, { signal });
    last = sampleOf(coordinator.status()) ?? last;
    queuedBytes = Math.max(queuedBytes, last.queuedBytes);
  }
  const rss = (role: string) =>
    processUsage(coordinator.status().workers.find((worker) => worker.role === role)!.pid).peakRssBytes;
  const elapsed = (last.atMs - first.atMs) / 1000;
  const records = last.records - first.records;
  const payloadMbit = (records * (keyBytes + payloadBytes) * 8) / elapsed / 1e6;
  return {
    ...{ seconds: elapsed, records, payloadMbit, share: payloadMbit / rateMbit },
    ...{ queuedBytes, bufferBytes, senderRssBytes: rss("generator"), receiverRssBytes: rss("worker") },
  };
}

/** Undefined before a record has arrived. */
function sampleOf({ metrics }: CoordinatorStatus): Sample | undefined {
  const all = Object.values(metrics).map(({ atMs, metrics: figures }) => ({
    atMs,
    figures: figures as WorkerFigures,
  }));
  const queuedBytes = Math.max(0, ...all.map(({ figures }) => figures.queuedBytes));
  for (const { atMs, figures } of all) {
    const sink = figures.subtasks.flatMap(({ operators }) => operators).find(({ id }) => id === "sink");
    if (sink !== undefined && sink.recordsIn > 0) return { atMs, records: sink.recordsIn, queuedBytes };
  }
  return undefined;
}
