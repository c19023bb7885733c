/** Runs a plan's steps. The journal has each before it starts, so that destroy knows of what half exists. */
import { writeFileSync } from "node:fs";
import { hostsFile } from "./hosts-file.ts";
import type { Journal } from "./journal.ts";
import { KeeperClient } from "./keeper/client.ts";
import { socketPath } from "./keeper/socket-path.ts";
import { spawnKeeper } from "./keeper/spawn.ts";
import type { Identity, LabFolder } from "./lab.ts";
import { Limits } from "./limits.ts";
import { subnet6 } from "./network/addresses.ts";
import type { Step } from "./steps.ts";
import type { Topology } from "./topology/topology.ts";

export type StepEffects = { folder: LabFolder; identity: Identity; topology: Topology };

export async function execute(
  steps: readonly Step[],
  effects: StepEffects,
  journal: Journal,
  beforeStep: (step: Step, index: number) => void,
): Promise<void> {
  const limits = new Limits(effects.folder, effects.identity);
  const client = new KeeperClient(socketPath(effects.folder.path, effects.identity.id));
  try {
    for (const [index, step] of steps.entries()) {
      beforeStep(step, index);
      journal.record("will", step);
      await run(step, effects, client, limits);
      journal.record("did", step);
    }
  } finally {
    client.close();
  }
}

async function run(
  step: Step,
  { folder, identity, topology }: StepEffects,
  client: KeeperClient,
  limits: Limits,
): Promise<void> {
  switch (step.do) {
    case "adopt-topology":
      return folder.write("topology.json", topology);
    case "start-keeper":
      return await spawnKeeper(folder, identity.rootless);
    case "limit-node":
      return await limits.limit(step.node, step.device, step.cores);
    case "unlimit-node":
      return await limits.unlimit(step.node);
    case "create-node":
      return void (await client.ask("POST /create-node", { node: step.node, number: step.number }));
    case "remove-node":
      return void (await client.ask("POST /remove-node", { node: step.node, number: step.number }));
    case "write-hosts": {
      const numbers = new Map([...folder.owned().nodes].map(([name, { number }]) => [name, number]));
      const subnet = { ...identity.subnet, prefix6: subnet6(identity.id) };
      return writeFileSync(folder.file("hosts"), hostsFile(subnet, identity.ipv6, numbers));
    }
    case "set-network":
      return void (await client.ask("POST /network"));
    case "set-timeline":
      return void (await client.ask("POST /timeline"));
    default:
      step satisfies never;
  }
}
