/**
 * Ends a lab from its record alone: no topology file, no living keeper and no finished provisioning is needed. What
 * cannot be removed is said, and the record stays until it is gone.
 */
import { existsSync, rmSync } from "node:fs";
import { endKeepers } from "./end-keepers.ts";
import { endProcesses } from "./end-processes.ts";
import { KeeperClient } from "./keeper/client.ts";
import { lastSecrets } from "./keeper/command-secrets.ts";
import { socketPath } from "./keeper/socket-path.ts";
import type { Identity, LabFolder } from "./lab.ts";
import { Limits } from "./limits.ts";
import { lock } from "./lock.ts";
import type { LabRecord, Placed } from "./nodes/kind.ts";
import { kinds } from "./nodes/kinds.ts";
import type { Secrets } from "./nodes/ssh/secrets.ts";
import { bootId } from "./processes.ts";
import { releaseSubnets } from "./subnet-claim.ts";
import type { NodeKind } from "./topology/topology.ts";
import { UserError } from "./user-error.ts";

export type Destroyed = { lab: string; processesEnded: number };

/** `tell`: what a person should know of what could not be cleared away. */
export async function destroy(
  folder: LabFolder,
  root: string,
  tell: (note: string) => void = () => undefined,
): Promise<Destroyed> {
  const unlock = lock(folder.file("lock"), `destroy ${folder.name}`);
  try {
    const identity = folder.identity();
    const sameBoot = identity?.bootId === bootId();
    const secrets = identity && (await secretsOf(folder, identity));
    // Founded but not named yet, or from before a reboot: nothing of it runs.
    const endedHere = identity && sameBoot ? await endRunning(folder, identity) : 0;
    // Containers and other machines do not end with this machine's boot.
    const lab = identity && { folder, identity, ...(secrets && { secrets }) };
    const processesEnded = endedHere + (lab ? await clearKinds(lab, tell) : 0);
    if (identity && existsSync(socketPath(folder.path, identity.id)))
      rmSync(socketPath(folder.path, identity.id));
    releaseSubnets(root, folder.name);
    folder.remove();
    return { lab: folder.name, processesEnded };
  } finally {
    unlock();
  }
}

/** Kinds whose nodes, or whose engine, may be behind a login. */
const byLogin: ReadonlySet<NodeKind> = new Set(["ssh", "docker"]);

/** The keeper's memory is lost with it, and there may be machines to log in to after that. */
async function secretsOf(folder: LabFolder, identity: Identity): Promise<Secrets | undefined> {
  if (!nodesElsewhere({ folder, identity }).some(({ spec }) => byLogin.has(spec.kind))) return undefined;
  const keeper = new KeeperClient(socketPath(folder.path, identity.id));
  try {
    return await lastSecrets(keeper);
  } finally {
    keeper.close();
  }
}

async function endRunning(folder: LabFolder, identity: Identity): Promise<number> {
  const limits = new Limits(folder, identity);
  // Before the keeper: while it lives, the namespaces of the nodes are known even by environment alone.
  const { ended, areGone } = await endProcesses(identity.id, limits);
  if (!areGone) throw stuck(folder.name, "processes of its nodes outlive a kill");
  const left = await endKeepers(folder, identity);
  if (left !== undefined) throw stuck(folder.name, left);
  await limits.removeAll();
  return ended;
}

/** The record stays when one of them cannot be cleared; the others are, all the same. */
async function clearKinds(lab: LabRecord, tell: (note: string) => void): Promise<number> {
  const ofKinds = Map.groupBy(nodesElsewhere(lab), ({ spec }) => spec.kind);
  const cleared = await Promise.allSettled(
    [...ofKinds].map(([kind, ofKind]) => kinds[kind].clear(lab, ofKind, tell)),
  );
  const failed = cleared.find((each) => each.status === "rejected");
  if (failed) throw failed.reason;
  return cleared.reduce((sum, each) => sum + (each.status === "fulfilled" ? each.value : 0), 0);
}

/** Those that are more than a namespace of this machine, and what is left of those that the lab has no more. */
function nodesElsewhere(lab: LabRecord): Placed[] {
  const owned = [...lab.folder.owned().nodes.values()].flatMap(({ number, spec }) =>
    spec ? [{ spec, number }] : [],
  );
  const left = Object.values(kinds).flatMap((kind) => kind.left?.(lab) ?? []);
  return [...new Map([...left, ...owned].map((each) => [each.number, each])).values()];
}

function stuck(lab: string, what: string): UserError {
  return new UserError(
    "destroy-stuck",
    `${lab}: ${what}; the lab's record is kept`,
    "run ./brume destroy again",
  );
}
