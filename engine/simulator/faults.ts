/**
 * What befalls a simulated cluster. A seed has some kinds of faults and lacks others, since faults can hide each other: who
 * is killed every few milliseconds never gets far enough to be harmed by a rescale.
 */
import type { RescaleRequest } from "../coordinator/rescale.ts";
import type { Cluster } from "./cluster.ts";

type Fault = (cluster: Cluster) => void;

const crashWorker: Fault = (cluster) => {
  const { random, queue, workers, files, trace } = cluster;
  const worker = random.pick(workers);
  const isMachine = random.chance(0.5);
  trace.line(worker.name, isMachine ? "its machine loses power" : "is killed");
  worker.crash();
  if (isMachine) files.crash(worker.name, random);
  queue.after(random.delayMs(50), () => {
    trace.line(worker.name, "starts again");
    worker.start();
  });
};

const crashCoordinator: Fault = ({ coordinator, draws, queue, random, trace }) => {
  if (coordinator.core === undefined) return;
  trace.line("coordinator", "is killed");
  coordinator.crash();
  // What it had asked of the store is done before it is back, or not at all.
  queue.after(11 * draws.storeDelayMs + random.delayMs(50), () => {
    trace.line("coordinator", "starts again");
    coordinator.start();
  });
};

const cutConnection: Fault = ({ network, trace }) => {
  trace.line("network", "a connection is cut");
  network.cutOne();
};

const storeAway: Fault = ({ store, queue, random, trace }) => {
  if (store.isDown) return;
  trace.line("store", "is away");
  store.isDown = true;
  queue.after(random.delayMs(40), () => {
    trace.line("store", "is back");
    store.isDown = false;
  });
};

const rescale: Fault = (cluster) => {
  const { coordinator, trace } = cluster;
  whenRunning(cluster, () => {
    const request = rescaleRequest(cluster);
    trace.line("user", `asks for ${JSON.stringify(request)}`);
    coordinator.core?.rescale(request, (error, report) =>
      trace.line("user", `is told: ${error?.message.split("\n")[0] ?? report!.outcome}`),
    );
  });
};

/** A parallelism for all, at times another one for one operator, or a table of key groups that nobody would think of. */
function rescaleRequest({ coordinator, draws, random }: Cluster): RescaleRequest {
  const width = () => random.between(1, Math.min(draws.workers * draws.slots, draws.maxParallelism, 5));
  const parallelism = width();
  const mode = random.pick(["aligned", "unaligned"] as const);
  const all = coordinator.core?.status().tasks.flatMap((task) => task.operators) ?? [];
  // At a parallelism of their own those in front of the first key would shuffle records, and make some of them late.
  const operators = all.filter((id) => !/^(left|right|assign|select|map)/.test(id));
  if (operators.length === 0 || random.chance(0.5)) return { parallelism, mode };
  const operator = random.pick(operators);
  if (random.chance(0.5)) return { parallelism, mode, parallelismOf: { [operator]: width() } };
  const owners = Array.from({ length: draws.maxParallelism }, () => random.between(0, parallelism - 1));
  return { parallelism, mode, keyGroups: { [operator]: owners } };
}

const stopAndStart: Fault = (cluster) => {
  const { coordinator, random, trace } = cluster;
  const mode = random.pick(["aligned", "unaligned"] as const);
  whenRunning(cluster, () =>
    coordinator.core?.stop(mode, (error) =>
      trace.line("user", `stopped: ${error?.message.split("\n")[0] ?? "yes"}`),
    ),
  );
};

const savepoint: Fault = (cluster) => {
  const { coordinator, random, trace } = cluster;
  const mode = random.pick(["aligned", "unaligned"] as const);
  whenRunning(cluster, () =>
    coordinator.core?.savepoint(mode, (error, manifest) =>
      trace.line("user", `has savepoint ${manifest ?? error?.message.split("\n")[0]}`),
    ),
  );
};

/** People ask again when they are told that the job is not running; these do so a few times. */
function whenRunning(cluster: Cluster, ask: () => void, tries = 20): void {
  const isRunning = cluster.coordinator.core?.status().state === "running";
  if (isRunning || tries === 0) ask();
  else cluster.queue.after(10, () => whenRunning(cluster, ask, tries - 1));
}

const faults = { crashWorker, crashCoordinator, cutConnection, storeAway, rescale, savepoint, stopAndStart };
export type FaultName = keyof typeof faults;
export const faultNames = Object.keys(faults) as FaultName[];

/** From now on, until the time for faults is over. */
export function disturb(cluster: Cluster): void {
  const { queue, random, draws } = cluster;
  if (draws.faults.kinds.length === 0) return;
  queue.after(random.delayMs(draws.faults.meanGapMs), () => {
    if (!cluster.isDisturbed) return;
    faults[random.pick(draws.faults.kinds)](cluster);
    disturb(cluster);
  });
}
