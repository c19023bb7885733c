/** Where a run's checkpoints go: a folder of its own, a store that the experiment names, or a MinIO started for it. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "#engine/checkpoint/stores/open-store.ts";
import type { RunPlan } from "#lab/experiment/experiment.ts";
import type { Lab } from "#testbed/open-lab.ts";
import { startMinioOnNode } from "./minio-on-node.ts";

export type CheckpointStore = {
  /** As the engine takes it. */
  readonly spec: string;
  /** For the processes that open it. */
  readonly environment: Readonly<Record<string, string>>;
  /** The node, if it is one. */
  readonly node?: string;
  end(): Promise<void>;
};

/** Of a node that is there for it. */
const storeRole = "store";
const ownBucket = "brume";

const nothing = async (): Promise<void> => undefined;

export async function openCheckpointStore(
  plan: RunPlan,
  lab: Lab,
  environment: Environment,
  startedAt: Date,
  log: (line: string) => void,
): Promise<CheckpointStore> {
  const { store } = plan.engine.checkpoints;
  // In the lab's folder: what is left of a run that was killed goes with its lab.
  const folder = join(lab.folder.path, "checkpoints");
  const remove = async () => rmSync(folder, { recursive: true, force: true });
  if (store === "folder") {
    await remove();
    return { spec: `folder:${folder}`, environment: {}, end: remove };
  }
  if (store !== "minio") return { spec: store, environment: {}, end: nothing };
  const moment = startedAt.toISOString().replace(/[^\dTZ]/g, "");
  const spec = `minio:${ownBucket}/${plan.experiment}/${plan.run}/${moment}`;
  // Somebody's own server: what the run leaves there is theirs to keep or to remove.
  if (!storeIsOurs(environment)) return { spec, environment: {}, end: nothing };
  await remove();
  const name = storeNode(plan);
  const { keys, end } = await startMinioOnNode(lab.node(name), folder, environment, log);
  const over = async () => {
    await end();
    await remove();
  };
  return { spec, environment: keys, node: name, end: over };
}

/** For `store: minio`: nobody has told of a server. Keys of other families may be there for other things than brume. */
export function storeIsOurs(environment: Environment): boolean {
  return !environment.BRUME_MINIO_ACCESS_KEY && !environment.BRUME_MINIO_ENDPOINT;
}

/** One of role `store`; else where the coordinator is, which is on the way of every checkpoint anyway. */
function storeNode({ topology }: RunPlan): string {
  const byRole = (role: string) => topology.nodes.find((node) => node.role === role)?.name;
  return (
    byRole(storeRole) ?? byRole("coordinator") ?? topology.nodes.find(({ role }) => role !== "switch")!.name
  );
}
