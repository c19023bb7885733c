/** From a topology to a running lab: founds it, plans, and executes the plan, each step recorded before it starts. */
import { execute, type StepEffects } from "./execute.ts";
import { found } from "./found.ts";
import { type Journal, openJournal } from "./journal.ts";
import { createFolder, LabFolder } from "./lab.ts";
import { lock } from "./lock.ts";
import { capacity } from "./network/addresses.ts";
import { plan } from "./plan.ts";
import { bootId, isAlive } from "./processes.ts";
import { stateFolder } from "./state-folder.ts";
import type { Step } from "./steps.ts";
import type { Topology } from "./topology/topology.ts";

export type Provisioned = { folder: LabFolder; steps: Step[] };

export type ProvisionOptions = {
  root?: string;
  dryRun?: boolean;
  onStep?: (step: Step, index: number, count: number) => void;
  /** Called when a line is in the journal; tests end the process here. */
  onRecorded?: (phase: "will" | "did", step: Step) => void;
};

export async function provision(topology: Topology, options: ProvisionOptions = {}): Promise<Provisioned> {
  const root = options.root ?? stateFolder();
  const folder = new LabFolder(topology.name, root);
  if (options.dryRun) return { folder, steps: planFor(folder, topology) };
  createFolder(folder);
  const unlock = lock(folder.file("lock"), `provision ${topology.name}`);
  try {
    const identity = found(folder, root, topology);
    const steps = planFor(folder, topology);
    const effects: StepEffects = { folder, identity, topology };
    const written = openJournal(folder.file("journal.jsonl"), () => new Date());
    const journal: Journal = {
      record(phase, step) {
        written.record(phase, step);
        options.onRecorded?.(phase, step);
      },
    };
    await execute(steps, effects, journal, options.onStep);
    return { folder, steps };
  } finally {
    unlock();
  }
}

function planFor(folder: LabFolder, topology: Topology): Step[] {
  const mark = folder.keeperMark();
  const identity = folder.identity();
  const sameBoot = identity?.bootId === bootId();
  const keeperAlive = sameBoot && mark !== undefined && isAlive(mark) && folder.owned().keeper;
  const before = folder.topology();
  const room = identity ? capacity({ ...identity.subnet, prefix6: [] }) : Number.POSITIVE_INFINITY;
  return plan({ topology, ...(before && { before }), keeperAlive, capacity: room }, folder.owned());
}
