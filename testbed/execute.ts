/** Runs a plan's steps. The journal has each before it starts, so that destroy knows of what half exists. */
import { writeFileSync } from "node:fs";
import type { Scores } from "./devices/kernels.ts";
import { endKeepers } from "./end-keepers.ts";
import { endProcesses } from "./end-processes.ts";
import { hostsFile } from "./hosts-file.ts";
import type { Journal } from "./journal.ts";
import { KeeperClient } from "./keeper/client.ts";
import { socketPath } from "./keeper/socket-path.ts";
import { spawnKeeper } from "./keeper/spawn.ts";
import type { Identity, LabFolder } from "./lab.ts";
import { Limits } from "./limits.ts";
import { subnet6 } from "./network/addresses.ts";
import { kinds } from "./nodes/kinds.ts";
import type { Step } from "./steps.ts";
import type { Topology } from "./topology/topology.ts";

/** `tell`: what a person should know of what could not be done to its end. */
export type StepEffects = {
  folder: LabFolder;
  identity: Identity;
  topology: Topology;
  tell: (note: string) => void;
};

export async function execute(
  steps: readonly Step[],
  effects: StepEffects,
  journal: Journal,
  beforeStep: (step: Step, index: number) => void,
): Promise<void> {
  const limits = new Limits(effects.folder, effects.identity);
  const client = new KeeperClient(socketPath(effects.folder.path, effects.identity.id));
  try {
    for (let index = 0; index < steps.length; ) {
      const together = stepsTogether(steps, index);
      await runTogether(together, async (step) => {
        beforeStep(step, steps.indexOf(step));
        journal.record("will", step);
        await run(step, effects, client, limits);
        journal.record("did", step);
      });
      index += together.length;
    }
  } finally {
    client.close();
  }
}

/** Bodies that are more than a namespace take a second or more each, and machines that are gone take some: of waiting. */
const bodiesAtOnce = 8;

/** The steps from `index` on that need not wait for each other: one, or a row of bodies to make or to take away. */
function stepsTogether(steps: readonly Step[], index: number): readonly Step[] {
  const first = steps[index]!;
  const isAlike = (step: Step) =>
    step.do === first.do &&
    (step.do === "remove-node" || (step.do === "create-node" && step.spec !== undefined));
  const end = steps.findIndex((step, at) => at >= index && !isAlike(step));
  return steps.slice(index, Math.max(index + 1, end < 0 ? steps.length : end));
}

/** When one fails no further one begins, and those that have begun are waited for. */
async function runTogether(steps: readonly Step[], act: (step: Step) => Promise<void>): Promise<void> {
  const left = [...steps];
  let failure: { error: unknown } | undefined;
  const work = async () => {
    while (failure === undefined && left.length > 0) {
      try {
        await act(left.shift()!);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: bodiesAtOnce }, work));
  if (failure) throw failure.error;
}

/**
 * Of a keeper that was killed, processes may still run, cut off for ever, and take their nodes' share of the machine.
 * One whose start was cut short may still be starting: two would take the socket and the interfaces from each other.
 */
async function endCutOff(folder: LabFolder, identity: Identity, limits: Limits): Promise<void> {
  const left = await endKeepers(folder, identity);
  if (left !== undefined) throw new Error(`of the lab's keeper before: ${left}`);
  if (folder.owned().nodes.size === 0) return;
  const { areGone } = await endProcesses(identity.id, limits);
  if (!areGone) throw new Error("processes that the lab's keeper before left outlive a kill");
}

async function run(
  step: Step,
  { folder, identity, topology, tell }: StepEffects,
  client: KeeperClient,
  limits: Limits,
): Promise<void> {
  switch (step.do) {
    case "adopt-topology":
      return folder.write("topology.json", topology);
    case "start-keeper":
      await endCutOff(folder, identity, limits);
      return await spawnKeeper(folder, identity.rootless);
    case "limit-node":
      return await limits.limit(step.node, step.device, step.cores, await coreScores(topology, step.node));
    case "unlimit-node":
      return await limits.unlimit(step.node);
    case "create-node":
      return void (await client.ask("POST /create-node", { node: step.node, number: step.number }));
    case "remove-node": {
      const { left } = await client.ask("POST /remove-node", { node: step.node, number: step.number });
      return left === undefined ? undefined : tell(left);
    }
    case "write-hosts": {
      const numbers = new Map([...folder.owned().nodes].map(([name, { number }]) => [name, number]));
      const subnet = { ...identity.subnet, prefix6: subnet6(identity.id) };
      writeFileSync(folder.file("hosts"), hostsFile(subnet, identity.ipv6, numbers));
      return void (await client.ask("POST /names"));
    }
    case "set-network":
      return void (await client.ask("POST /network"));
    case "set-timeline":
      return void (await client.ask("POST /timeline"));
    default:
      step satisfies never;
  }
}

async function coreScores({ nodes }: Topology, name: string): Promise<Scores | undefined> {
  const spec = nodes.find((node) => node.name === name);
  return spec && (await kinds[spec.kind].coreScores?.(spec));
}
