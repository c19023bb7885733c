/** From a topology to a running lab: founds it, plans, and executes the plan, each step recorded before it starts. */

import { destroy } from "./destroy.ts";
import { execute } from "./execute.ts";
import { found } from "./found.ts";
import { type Journal, openJournal } from "./journal.ts";
import { createFolder, LabFolder } from "./lab.ts";
import { lock } from "./lock.ts";
import { capacity } from "./network/addresses.ts";
import { kinds } from "./nodes/kinds.ts";
import { placed } from "./nodes/placed.ts";
import { keepingMtu, plan } from "./plan.ts";
import { bootId, isAlive } from "./processes.ts";
import { checkStateFolder, stateFolder } from "./state-folder.ts";
import type { Step } from "./steps.ts";
import { isLabName, labNameRule } from "./topology/lab-name.ts";
import type { Topology } from "./topology/topology.ts";
import { quote } from "./topology/topology-error.ts";
import { UserError } from "./user-error.ts";

export type Provisioned = { folder: LabFolder; steps: Step[] };

export type ProvisionOptions = {
  root?: string;
  dryRun?: boolean;
  /** Stops between two steps. */
  signal?: AbortSignal;
  onStep?: (step: Step, index: number, count: number) => void;
  /** What a person should know of what could not be done to its end, such as at a machine that does not answer. */
  tell?: (note: string) => void;
  /** Called when a line is in the journal; tests end the process here. */
  onRecorded?: (phase: "will" | "did", step: Step) => void;
};

/** A new lab that cannot be finished is taken away again; a running one keeps what it had, and its record. */
export async function provision(wanted: Topology, options: ProvisionOptions = {}): Promise<Provisioned> {
  refuseBadName(wanted.name);
  const root = options.root ?? stateFolder();
  checkStateFolder(root);
  const standing = await placed(wanted);
  await checkKinds(standing);
  const folder = new LabFolder(wanted.name, root);
  const topology = keepingMtu(standing, folder.topology());
  if (options.dryRun) return { folder, steps: planFor(folder, topology) };
  const isNew = !folder.exists();
  try {
    return { folder, steps: await change(folder, root, topology, options) };
  } catch (error) {
    if (isNew) await destroy(folder, root, options.tell);
    throw isDiskFull(error) ? noRoom(root, error) : error;
  }
}

async function change(
  folder: LabFolder,
  root: string,
  topology: Topology,
  options: ProvisionOptions,
): Promise<Step[]> {
  createFolder(folder);
  const unlock = lock(folder.file("lock"), `provision ${topology.name}`);
  try {
    const identity = found(folder, root, topology);
    const steps = planFor(folder, topology);
    const written = openJournal(folder.file("journal.jsonl"), () => new Date());
    const journal: Journal = {
      record(phase, step) {
        written.record(phase, step);
        options.onRecorded?.(phase, step);
      },
    };
    const tell = options.tell ?? (() => undefined);
    await execute(steps, { folder, identity, topology, tell }, journal, (step, index) => {
      if (options.signal?.aborted) throw interrupted(topology.name);
      options.onStep?.(step, index, steps.length);
    });
    return steps;
  } finally {
    unlock();
  }
}

/** `--name` and programs name labs too, not only files: with "../x" or "." a lab would lie, and be removed, elsewhere. */
function refuseBadName(name: string): void {
  if (isLabName(name)) return;
  throw new UserError("bad-lab-name", `${quote(name)} cannot name a lab`, labNameRule, 2);
}

function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT";
}

function noRoom(root: string, cause: unknown): UserError {
  const fix = "make room there, or name a folder on another disk: BRUME_STATE=FOLDER";
  return new UserError("state-full", `no room is left for labs' records in ${root}`, fix, 1, { cause });
}

function interrupted(lab: string): UserError {
  return new UserError(
    "interrupted",
    `provision of ${lab} was interrupted`,
    `run it again, or ./brume destroy ${lab} if the lab is there`,
  );
}

/** Before anything is started: a lab with some of its nodes is worse than none. */
async function checkKinds(topology: Topology): Promise<void> {
  const nodes = topology.nodes.filter(({ role }) => role !== "switch");
  const rootless = process.getuid?.() !== 0;
  for (const [kind, ofKind] of Map.groupBy(nodes, ({ kind }) => kind)) {
    await kinds[kind].check(topology, ofKind, rootless);
  }
}

function planFor(folder: LabFolder, topology: Topology): Step[] {
  const mark = folder.keeperMark();
  const identity = folder.identity();
  const sameBoot = identity?.bootId === bootId();
  const keeperAlive = sameBoot && mark !== undefined && isAlive(mark) && folder.owned().keeperReady;
  const before = folder.topology();
  const room = identity ? capacity({ ...identity.subnet, prefix6: [] }) : Number.POSITIVE_INFINITY;
  return plan({ topology, ...(before && { before }), keeperAlive, capacity: room }, folder.owned());
}
