/** The edge around the worker's core: the other workers' connections, clock, files and store, and the loop that lets it work. */
import type { Store } from "../checkpoint/store.ts";
import type { FromWorker, ToWorker } from "../runtime/messages.ts";
import { WorkerCore } from "../runtime/worker-core.ts";
import { DiskFiles } from "../sinks/sink-files.ts";
import { TcpTransport } from "../transport/tcp-link.ts";
import { listenForLinks } from "../transport/tcp-listener.ts";
import { CoordinatorCall, type WorkerEnd } from "./coordinator-call.ts";
import type { Planner } from "./job-planner.ts";
import { OwnShare, processClocks } from "./own-share.ts";
import { PlannersInTime } from "./planners-in-time.ts";
import { stateMaker } from "./state-maker.ts";
import { WorkLoop } from "./work-loop.ts";

export type WorkerProcessOptions = {
  readonly name: string;
  readonly slots: number;
  readonly role: string;
  readonly token: string;
  readonly coordinator: { readonly host: string; readonly port: number };
  /** Where the other workers reach this one. */
  readonly host: string;
  readonly port: number;
  readonly store: Store;
  /** It holds itself to this share of a core, above 0 and below 1; left out, to none. */
  readonly cpuShare?: number;
  /** Without a coordinator for so long, it ends. */
  readonly orphanMs: number;
  loadPlanner(use: string): Promise<Planner>;
  log(line: string): void;
};

/** Until the coordinator says that it is over or stays away, or `signal` ends it. */
export async function runWorker(options: WorkerProcessOptions, signal: AbortSignal): Promise<WorkerEnd> {
  const { name, slots, role, token, host, cpuShare } = options;
  const own = cpuShare === undefined ? undefined : new OwnShare(cpuShare, processClocks);
  const files = new DiskFiles();
  const planners = new PlannersInTime(options.loadPlanner, (message: ToWorker) => {
    core.onMessage(message);
    loop.work();
  });
  const core = new WorkerCore(
    { name },
    {
      nowMs: () => Date.now(),
      preciseMs: () => performance.now(),
      send: (message) => call.send(message.is === "metrics" ? withProcess(message) : message),
      transport: new TcpTransport(name, token),
      store: options.store,
      files,
      makeState: stateMaker(),
      plan: (job) => planners.plan(job),
      wantTurn: () => loop.work(),
      ...(own === undefined ? {} : { rest: () => void own.rest() }),
    },
  );
  const loop = new WorkLoop(core, own);
  const links = await listenForLinks({
    ...{ host, port: options.port, token, nowMs: () => performance.now() },
    accept: core.accept,
    onRefused: options.log,
  });
  const hello = {
    is: "hello",
    worker: name,
    token,
    slots,
    role,
    host,
    port: links.port,
    pid: process.pid,
  } as const;
  const call = new CoordinatorCall({
    ...options.coordinator,
    hello,
    orphanMs: options.orphanMs,
    onMessage: (message) => planners.onMessage(message),
    onLost: () => {
      planners.forget();
      core.onDisconnected();
      loop.work();
    },
  });
  const abort = () => call.end("aborted");
  signal.addEventListener("abort", abort, { once: true });
  loop.work();
  try {
    return await call.over;
  } finally {
    signal.removeEventListener("abort", abort);
    loop.stop();
    await links.close();
    files.close();
  }
}

/** What the core cannot know of itself. CPU time is since the process started. */
function withProcess(message: Extract<FromWorker, { is: "metrics" }>): FromWorker {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const own = {
    rssBytes: rss,
    heapBytes: heapUsed,
    outsideHeapBytes: external,
    cpuMs: (user + system) / 1000,
  };
  return { ...message, metrics: { ...(message.metrics as object), process: own } };
}
