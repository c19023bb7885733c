/** The job of a run on a lab that is there: its store, its nodes' coordinates, its engine, its controller, one after another. */
import { availableParallelism } from "node:os";
import { Controller, type ControllerPorts } from "#autoscaler/controller.ts";
import { models } from "#autoscaler/models/registry.ts";
import { type NetworkTable, networkView } from "#autoscaler/network-view.ts";
import type { World } from "#autoscaler/observation.ts";
import type { ManualStep } from "#autoscaler/policies/manual.ts";
import { startConfiguration } from "#autoscaler/policies/nearness.ts";
import { makePolicy } from "#autoscaler/policies/registry.ts";
import { nodesOf } from "#autoscaler/policies/seats.ts";
import type { Engine } from "#engine/engine.ts";
import { loadPlanner } from "#engine/processes/job-planner.ts";
import { startBrumeEngine } from "#lab/brume-engine.ts";
import type { RunPlan } from "#lab/experiment/experiment.ts";
import type { Lab } from "#testbed/open-lab.ts";
import { UserError } from "#testbed/user-error.ts";
import type { VerificationReport } from "#testbed/verify/report.ts";
import { openCheckpointStore } from "./checkpoint-store.ts";
import { Conductor, staleMs } from "./conduct.ts";
import { engineEvent } from "./engine-events.ts";
import { jobShape } from "./job-shape.ts";
import { labEvent } from "./lab-event.ts";
import { mayUse, workerSpeeds } from "./lab-facts.ts";
import { NetworkWatch } from "./network-watch.ts";
import type { NodeMachines } from "./node-machines.ts";
import { NodeWatch } from "./node-watch.ts";
import type { RunContext } from "./run-once.ts";
import { warmNodes } from "./warm-nodes.ts";
import { accessRates, worldOf } from "./world.ts";

/** Longer, and a run starts with what it has: a node that nobody reaches has no coordinates, and counts as far. */
const coordinatesMs = 10_000;
const lookEveryMs = 200;
/** How far back policies see. */
const historyMs = 900_000;

/** What is known of a lab that is ready for a job. */
type ReadyLab = {
  readonly lab: Lab;
  readonly machines: NodeMachines;
  readonly verification: VerificationReport | undefined;
};

export async function runJob({ lab, machines, verification }: ReadyLab, context: RunContext): Promise<void> {
  const { plan, record, signal, phase, labs, figures, tell, sleep } = context;
  const endings: (() => Promise<void>)[] = [];
  try {
    const planner = await loadPlanner(plan.job.use);
    const spec = { ...plan.job, parallelism: 1, maxParallelism: 128, parallelismOf: {} };
    const shape = jobShape(planner(spec), plan.operator);
    phase("store");
    const log = (line: string) => record.event("engine", line);
    const { environment } = context;
    const store = await openCheckpointStore(lab, { plan, environment, startedAt: record.startedAt, log });
    endings.push(() => store.end());
    signal.throwIfAborted();
    phase("coordinates");
    const network = await NetworkWatch.start(lab, context, accessRates(plan.topology, verification));
    endings.push(() => network.end());
    const sources = generatorsOf(plan);
    const world = worldOf({ plan, shape, sources, speeds: workerSpeeds(lab), store: store.node });
    await untilKnown(world, () => network.table(), context);
    const first = startConfiguration(world, networkView(network.table()), plan.autoscaler.min);
    phase(`start on ${nodesOf(first)}`);
    const engine = await startBrumeEngine(lab, {
      ...{ name: plan.experiment, job: plan.job, engine: plan.engine },
      ...{ store: store.spec, storeEnvironment: store.environment },
      first: {
        operator: plan.operator,
        workers: first.seats.map(({ node }) => node),
        shares: first.seats.map(({ share }) => share),
      },
      onEvent(event, atMs) {
        const line = engineEvent(event);
        if (line !== undefined) record.add("events", line, record.sinceStartMs(atMs));
      },
      onLine: log,
    });
    endings.push(() => engine.end());
    await untilRunning(engine, context);
    const { min, max, policy } = plan.autoscaler;
    const isLadder = policy === "ladder";
    const all = startConfiguration(world, networkView(network.table()), max);
    if (isLadder && all.seats.length > min) {
      phase(`warm up ${nodesOf(all)}`);
      const { warn } = context;
      await warmNodes(all, first, { plan, inputs: shape.inputs, engine, signal, staleMs, sleep, warn });
    }
    const nodes = new NodeWatch(lab, { nowMs: () => record.nowMs(), sleep });
    await labs.startTimeline(plan.topology);
    phase(isLadder ? "measure" : "run");
    const conductor = new Conductor({
      ...{ plan, inputs: shape.inputs, engine, record, figures, tell, signal, sleep },
      mayUse: mayUse(lab, machines, availableParallelism()),
      async look() {
        for (const told of nodes.happened())
          record.add("events", labEvent(told, plan.topology), record.sinceStartMs(Date.parse(told.at)));
        const [usage, lost] = await Promise.all([nodes.usage(), nodes.lost()]);
        return { usage, lost, network: network.table() };
      },
      recordNetwork: () => network.record(),
      makeController: (ports) => makeController(ports, plan, world, record.nowMs()),
    });
    await conductor.run();
  } finally {
    if (!signal.aborted) phase("tear-down");
    // The last that was begun goes first; one that cannot go does not keep the others.
    const failures: unknown[] = [];
    for (const end of endings.reverse()) await end().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) context.warn(`tear-down: ${failures.map(messageOf).join("; ")}`);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const generatorsOf = ({ topology }: RunPlan): string[] =>
  topology.nodes.filter(({ role }) => role === "generator").map(({ name }) => name);

/**
 * Steps by hand are counted from when the load begins, and the controller's clock from the run's start: in whole
 * milliseconds, since reasons tell them.
 */
export const onRunClock = (steps: readonly ManualStep[], beginMs: number): ManualStep[] =>
  steps.map((step) => ({ ...step, atMs: step.atMs + Math.ceil(beginMs) }));

function makeController(
  ports: ControllerPorts,
  { autoscaler, measure }: RunPlan,
  world: World,
  beginMs: number,
): Controller {
  const { model, policy, min, max, dryRun, shares, steps } = autoscaler;
  return new Controller(ports, {
    ...{ world, model, dryRun, bounds: { min, max }, staleMs, historyMs },
    models: Object.values(models).map((make) => make(world)),
    policy: makePolicy(policy, { shares, steps: onRunClock(steps, beginMs) }),
    warmUpMs: measure.warmUpMs,
  });
}

/** Until records could flow. A job that cannot start is over, with the reason. */
async function untilRunning(engine: Engine, { signal, sleep }: RunContext): Promise<void> {
  let isOver = false;
  const over = engine.over.finally(() => {
    isOver = true;
  });
  over.catch(() => undefined);
  while (!isOver) {
    signal.throwIfAborted();
    if ((await engine.metrics()).state === "running") return;
    await sleep(lookEveryMs);
  }
  await over;
  throw new UserError("job-over", "the job was over before it ran", "");
}

/** Until all nodes that may hold a seat know how far they are from the sources. */
async function untilKnown(
  { nodes, job }: World,
  table: () => NetworkTable,
  { record, signal, sleep, warn }: RunContext,
): Promise<void> {
  const endMs = record.nowMs() + coordinatesMs;
  const unknown = () => {
    const network = networkView(table());
    const isFar = (name: string) => job.sources.some((source) => network.pair(name, source) === undefined);
    return nodes.map(({ name }) => name).filter(isFar);
  };
  while (unknown().length > 0 && record.nowMs() < endMs) {
    await sleep(lookEveryMs);
    signal.throwIfAborted();
  }
  const left = unknown();
  if (left.length > 0) warn(`nobody knows yet how far these are from the sources: ${left.join(", ")}`);
}
