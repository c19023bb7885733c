/**
 * Where a run's checkpoints go: a folder of its own, a store that the experiment names, or a MinIO started for it. A folder
 * that not all nodes see is kept by one of them, which serves it to the others.
 */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { minioKeysIn } from "#engine/checkpoint/stores/minio-settings.ts";
import type { Environment } from "#engine/checkpoint/stores/open-store.ts";
import { servedKeyVariable } from "#engine/checkpoint/stores/served.ts";
import type { RunPlan } from "#lab/experiment/experiment.ts";
import { ProgramOnNode } from "#lab/program-on-node.ts";
import type { Node } from "#testbed/nodes/node.ts";
import type { Lab } from "#testbed/open-lab.ts";
import type { Topology } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import { startMinioOnNode } from "./minio-on-node.ts";
import { nodesThatDoNotSee } from "./seen-folder.ts";
import { startServerOnNode } from "./server-on-node.ts";

export type CheckpointStore = {
  /** As the engine takes it. */
  readonly spec: string;
  /** For the processes that open it. */
  readonly environment: Readonly<Record<string, string>>;
  /** The node, if it is one. */
  readonly node?: string;
  end(): Promise<void>;
};

export type LabOfStore = Pick<Lab, "nodeNames" | "node" | "topology" | "folder">;

type ForRun = {
  readonly plan: Pick<RunPlan, "experiment" | "run"> & {
    readonly engine: Pick<RunPlan["engine"], "checkpoints">;
  };
  readonly environment: Environment;
  readonly startedAt: Date;
  log(line: string): void;
};

/** Of a node that is there for it. */
const storeRole = "store";
const ownBucket = "brume";
const servedPort = 9000;

const nothing = async (): Promise<void> => undefined;

export async function openCheckpointStore(lab: LabOfStore, forRun: ForRun): Promise<CheckpointStore> {
  const { plan, environment, startedAt, log } = forRun;
  const { store } = plan.engine.checkpoints;
  if (store === "folder") return await openOwnFolder(lab, log);
  if (store !== "minio") return await namedStore(lab, store, environment);
  const moment = startedAt.toISOString().replace(/[^\dTZ]/g, "");
  const spec = `minio:${ownBucket}/${plan.experiment}/${plan.run}/${moment}`;
  // Somebody's own server: what the run leaves there is theirs to keep or to remove.
  if (!storeIsOurs(environment)) return { spec, environment: keysFor(spec, environment), end: nothing };
  const node = lab.node(storeNode(lab.topology));
  const { keys, end } = await startMinioOnNode(node, newName(), environment, log);
  return { spec, environment: keys, node: node.name, end };
}

/** As `openStore` takes it: whoever named it wants its blobs there, and nowhere else. */
export async function namedStore(
  lab: LabOfStore,
  store: string,
  environment: Environment,
): Promise<CheckpointStore> {
  const folder = /^folder:(.+)$/.exec(store)?.[1];
  const fix =
    "store: folder keeps checkpoints on a node, minio:BUCKET on a server; or mount it there at the same path";
  if (folder !== undefined) await refuseUnseen(lab, folder, `store ${store}`, fix);
  return { spec: store, environment: keysFor(store, environment), end: nothing };
}

/** For `store: minio`: nobody has told of a server. Keys of other families may be there for other things than brume. */
export function storeIsOurs(environment: Environment): boolean {
  return !environment.BRUME_MINIO_ACCESS_KEY && !environment.BRUME_MINIO_ENDPOINT;
}

/** In the lab's folder: what is left of a run that was killed goes with its lab. */
export async function openOwnFolder(lab: LabOfStore, log: (line: string) => void): Promise<CheckpointStore> {
  const strangers = await nodesThatDoNotSee(lab, lab.folder.path);
  if (strangers.length === 0) {
    const folder = join(lab.folder.path, newName());
    const end = async () => rmSync(folder, { recursive: true, force: true });
    return { spec: `folder:${folder}`, environment: {}, end };
  }
  const node = lab.node(storeNode(lab.topology));
  log(
    `checkpoints go to a folder on ${node.name}, which serves it: ${some(strangers)} see no folder of this machine`,
  );
  return await serveFolder(node, log);
}

async function serveFolder(node: Node, log: (line: string) => void): Promise<CheckpointStore> {
  const key = randomBytes(24).toString("base64url");
  const address = `${node.address.v4}:${servedPort}`;
  const environment = { [servedKeyVariable]: key };
  const folder = join(await node.folder(), newName());
  const program = new ProgramOnNode(node);
  let cache = "";
  const end = await startServerOnNode({
    ...{ node, folder, log },
    what: `the checkpoints' folder on node ${node.name}`,
    fix: "store: minio is another way",
    async command() {
      const ready = await program.ready();
      cache = ready.cache;
      const main = ready.command("engine/checkpoint/stores/folder-server-main.ts");
      return [...main, "--folder", folder, "--listen", address];
    },
    environment: () => ({ ...environment, NODE_COMPILE_CACHE: cache }),
  });
  return { spec: `served:${address}`, environment, node: node.name, end };
}

/** `what` names the folder, for the message. */
export async function refuseUnseen(
  lab: LabOfStore,
  folder: string,
  what: string,
  fix: string,
): Promise<void> {
  const strangers = await nodesThatDoNotSee(lab, folder);
  if (strangers.length === 0) return;
  const why = `${some(strangers)} do not see this folder of this machine`;
  throw new UserError("folder-not-seen", `${what}: ${why}`, fix, 2);
}

/** Nodes have not the environment of this process. */
function keysFor(store: string, environment: Environment): Record<string, string> {
  return store.startsWith("minio:") ? minioKeysIn(environment) : {};
}

const newName = (): string => `checkpoints-${randomBytes(4).toString("hex")}`;

function some(nodes: readonly string[]): string {
  const more = nodes.length - 4;
  return more > 0 ? `${nodes.slice(0, 4).join(", ")} and ${more} more` : nodes.join(", ");
}

/** One of role `store`; else where the coordinator is, which is on the way of every checkpoint anyway. */
function storeNode({ nodes }: Topology): string {
  const byRole = (role: string) => nodes.find((node) => node.role === role)?.name;
  return byRole(storeRole) ?? byRole("coordinator") ?? nodes.find(({ role }) => role !== "switch")!.name;
}
