/** Where a dataflow job runs: on this machine, or on the nodes of a lab. */
import {
  type LocalCluster,
  type LocalClusterOptions,
  startLocalCluster,
} from "#engine/processes/local-cluster.ts";
import { chooseLab } from "#testbed/lab.ts";
import { Lab } from "#testbed/open-lab.ts";
import { usageError } from "./arguments.ts";
import type { Arguments } from "./verb.ts";

export type JobRun = {
  readonly coordinator: Pick<LocalCluster["coordinator"], "over" | "status" | "apiPort">;
  readonly token: string;
  end(): Promise<void>;
};

export async function startJob(args: Arguments, options: LocalClusterOptions): Promise<JobRun> {
  const labName = args.text("lab");
  const slots = args.text("slots") === undefined ? undefined : args.count("slots", 1, 1);
  if (labName !== undefined) return await startOnLab(labName, slots, options);
  if (slots !== undefined) throw usageError("--slots is about a lab's nodes", "--lab LAB, or leave it out");
  return await startLocalCluster(options);
}

async function startOnLab(
  name: string,
  slots: number | undefined,
  // Nodes have the environment of this process.
  { environment: _, ...job }: LocalClusterOptions,
): Promise<JobRun> {
  const { startEngineOnLab } = await import("#lab/engine-on-lab.ts");
  const lab = new Lab(chooseLab(name));
  try {
    const run = await startEngineOnLab(lab, { ...job, ...(slots === undefined ? {} : { slots }) });
    const end = async () => {
      await run.end();
      lab.close();
    };
    return { coordinator: run.coordinator, token: run.token, end };
  } catch (error) {
    lab.close();
    throw error;
  }
}
