/** Where a dataflow job runs: on this machine, or on the nodes of a lab. */
import { dirname, resolve } from "node:path";
import {
  type LocalCluster,
  type LocalClusterOptions,
  startLocalCluster,
} from "#engine/processes/local-cluster.ts";
import type { CheckpointStore } from "#lab/run/checkpoint-store.ts";
import { chooseLab } from "#testbed/lab.ts";
import { Lab } from "#testbed/open-lab.ts";
import { usageError } from "./arguments.ts";
import type { Arguments } from "./verb.ts";

export type JobRun = {
  /** Where checkpoints are, if not in the store that was named. */
  readonly store?: string;
  readonly coordinator: Pick<LocalCluster["coordinator"], "over" | "status" | "apiPort">;
  readonly token: string;
  end(): Promise<void>;
};

export async function startJob(args: Arguments, options: LocalClusterOptions): Promise<JobRun> {
  const labName = args.text("lab");
  const slots = args.text("slots") === undefined ? undefined : args.count("slots", 1, 1);
  if (labName !== undefined) {
    const named = { store: args.text("store"), out: args.text("out") };
    return await startOnLab(labName, slots, named, options);
  }
  if (slots !== undefined) throw usageError("--slots is about a lab's nodes", "--lab LAB, or leave it out");
  return await startLocalCluster(options);
}

type Named = { readonly store: string | undefined; readonly out: string | undefined };

async function startOnLab(
  name: string,
  slots: number | undefined,
  named: Named,
  { environment, ...job }: LocalClusterOptions,
): Promise<JobRun> {
  const { startEngineOnLab } = await import("#lab/engine-on-lab.ts");
  const lab = new Lab(chooseLab(name));
  let store: CheckpointStore | undefined;
  const end = async () => {
    await store?.end();
    lab.close();
  };
  try {
    store = await storeOnLab(lab, named, job.store, environment, job.onLine);
    const run = await startEngineOnLab(lab, {
      ...job,
      ...{ store: store.spec, environment: store.environment },
      ...(slots === undefined ? {} : { slots }),
    });
    return {
      ...(store.node === undefined
        ? {}
        : { store: `a folder on node ${store.node}, which goes with the job` }),
      ...{ coordinator: run.coordinator, token: run.token },
      async end() {
        await run.end();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** What was named, as the nodes reach it; a folder of this run's own where they can have it. */
async function storeOnLab(
  lab: Lab,
  named: Named,
  store: string,
  environment: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<CheckpointStore> {
  const { namedStore, openOwnFolder, refuseUnseen } = await import("#lab/run/checkpoint-store.ts");
  if (named.out !== undefined) {
    const fix = "leave it out, or let a sink of the job's own take the results somewhere else";
    await refuseUnseen(lab, dirname(resolve(named.out)), `--out ${named.out}`, fix);
  }
  if (named.store !== undefined) return await namedStore(lab, store, environment);
  const own = await openOwnFolder(lab, log);
  if (own.node !== undefined) return own;
  await own.end();
  // All nodes see this machine's folders: the one that the command keeps when there are savepoints in it.
  return await namedStore(lab, store, environment);
}
