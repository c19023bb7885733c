/** A job on a lab: its coordinator and its workers as processes on the nodes, and a way in from this machine. */
import { randomBytes } from "node:crypto";
import type { CoordinatorEvent } from "#engine/coordinator/coordinator-event.ts";
import type { CoordinatorStatus } from "#engine/coordinator/coordinator-status.ts";
import type { JobConfig } from "#engine/processes/coordinator-config.ts";
import { loadPlanner } from "#engine/processes/job-planner.ts";
import { workerFlags } from "#engine/processes/local-workers.ts";
import type { Lab } from "#testbed/open-lab.ts";
import { CoordinatorOnNode } from "./coordinator-on-node.ts";
import { type EngineLayout, layOut, type WorkerPlace } from "./engine-layout.ts";
import { type JobFiles, jobFiles } from "./job-files.ts";
import { KeptProcess } from "./kept-process.ts";
import { type Forward, forward } from "./loopback-forward.ts";
import { ProgramOnNode } from "./program-on-node.ts";
import { selfLimits } from "./self-limits.ts";

export type EngineOnLabOptions = JobConfig & {
  /** As in `openStore`; the nodes have to reach it. */
  readonly store: string;
  /** For the processes that open the store, beside this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** On each node with workers; as many as the job needs if left out. */
  readonly slots?: number;
  /** Of the HTTP API on this machine's loopback; 0: any that is free. */
  readonly apiPort: number;
  onEvent(event: CoordinatorEvent, atMs: number): void;
  /** What workers print, and what becomes of processes and their nodes. */
  onLine(line: string): void;
};

export type EngineOnLab = {
  readonly coordinator: {
    readonly over: Promise<CoordinatorStatus>;
    status(): CoordinatorStatus;
    readonly apiPort: number;
  };
  readonly token: string;
  readonly layout: EngineLayout;
  /** Nodes that the kernel does not hold to their device's speed: the share of a core that each worker there holds itself to. */
  readonly selfLimited: Readonly<Record<string, number>>;
  /** Leaves no process on any node. The job's checkpoints stay in the store. */
  end(): Promise<void>;
};

/** What it takes of a lab. */
type LabOfEngine = Pick<Lab, "nodeNames" | "node" | "topology" | "folder">;

export async function startEngineOnLab(lab: LabOfEngine, options: EngineOnLabOptions): Promise<EngineOnLab> {
  const { store, environment = {}, slots, apiPort, onEvent, onLine, ...job } = options;
  const plan = await loadPlanner(job.job.use);
  // Mistakes in the job, its settings and its place are told before anything is started.
  const { tasks } = plan(job.job);
  const there = new Set(lab.nodeNames());
  const nodes = lab.topology.nodes.filter(({ name }) => there.has(name));
  const layout = layOut(lab.topology.name, nodes, tasks, slots);
  const selfLimited = selfLimits(layout.workers, lab.folder.limits());
  const token = randomBytes(24).toString("base64url");
  const programs = programsOf(lab, job.job.use);
  let coordinator: CoordinatorOnNode | undefined;
  let workers: KeptProcess[] = [];
  let api: Forward | undefined;
  const end = async () => {
    await api?.close();
    // Before the workers: that they end is then no failure to it.
    await coordinator?.end();
    await Promise.all(workers.map((worker) => worker.end()));
  };
  try {
    const node = lab.node(layout.coordinator);
    const running = new CoordinatorOnNode({
      ...{ node, job, store, environment, token, onEvent },
      program: programs(layout.coordinator),
      log: onLine,
    });
    coordinator = running;
    const controlPort = await running.listening();
    const setting = {
      ...{ token, store, environment, use: job.job.use, programs, log: onLine },
      coordinator: `${node.address.v4}:${controlPort}`,
      isOver: () => running.isOver,
      onFailure: (error: unknown) => running.giveUp(error),
    };
    workers = layout.workers.map((place) => keepWorker(lab, place, setting, selfLimited[place.node]));
    api = await forward(apiPort, () => running.connect());
    const { over } = running;
    return {
      coordinator: { over, status: () => running.status(), apiPort: api.port },
      ...{ token, layout, selfLimited, end },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** One for each node, which all that runs there shares; a job's own files are gathered when the first node needs them. */
function programsOf(lab: LabOfEngine, use: string): (node: string) => ProgramOnNode {
  const programs = new Map<string, ProgramOnNode>();
  let files: Promise<JobFiles | undefined> | undefined;
  const job = () => {
    files ??= jobFiles(use);
    return files;
  };
  return (name) => {
    const program = programs.get(name) ?? new ProgramOnNode(lab.node(name), job);
    programs.set(name, program);
    return program;
  };
}

type WorkerSetting = {
  readonly token: string;
  readonly store: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The job, which it loads before it says hello. */
  readonly use: string;
  /** Its address. */
  readonly coordinator: string;
  programs(node: string): ProgramOnNode;
  log(line: string): void;
  /** Then workers are told to end, and need not come back. */
  isOver(): boolean;
  onFailure(error: unknown): void;
};

function keepWorker(
  lab: LabOfEngine,
  place: WorkerPlace,
  setting: WorkerSetting,
  cpuShare: number | undefined,
): KeptProcess {
  const { token, store, environment, use, coordinator, programs, log, isOver, onFailure } = setting;
  const node = lab.node(place.node);
  const words = [
    ...["--name", place.name, "--role", place.role, "--slots", `${place.slots}`],
    ...["--host", node.address.v4, "--coordinator", coordinator, "--store", store, "--end-with-stdin"],
    ...["--prepare", use],
    ...(cpuShare === undefined ? [] : ["--cpu-share", `${cpuShare}`]),
  ];
  const said = (line: string) => log(`worker ${place.name}: ${line}`);
  let cache = "";
  return new KeptProcess({
    what: place.name === place.node ? `worker ${place.name}` : `worker ${place.name} on ${place.node}`,
    node,
    async command() {
      const program = await programs(place.node).ready();
      cache = program.cache;
      const at = program.jobAt === undefined ? [] : ["--job-at", program.jobAt];
      return [...program.command("engine/processes/worker-main.ts", workerFlags), ...words, ...at];
    },
    // The token is not an argument, which anybody on the machine could read.
    environment: () => ({ ...environment, NODE_COMPILE_CACHE: cache, BRUME_TOKEN: token }),
    onLine: said,
    onErrorLine: said,
    log,
    isOver,
    onFailure,
  });
}
