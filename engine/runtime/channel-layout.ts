/** Which subtasks each edge connects, and the number that each of these channels has in all workers alike. Pure. */
import type { EdgePlan, JobPlan } from "../dataflow/plan.ts";
import type { Schema } from "../records/schema.ts";

export type Channel = {
  readonly id: number;
  readonly edge: EdgePlan;
  readonly from: number;
  readonly to: number;
  /** An unaligned barrier may overtake its records: those can be dealt out anew at a restore. */
  readonly overtakes: boolean;
};

/** Subtask i feeds subtask i only. */
export function isOneToOne({ tasks }: JobPlan, { from, to, partition }: EdgePlan): boolean {
  return partition.by === "forward" && tasks[from.task]!.parallelism === tasks[to.task]!.parallelism;
}

export function channelsOf(plan: JobPlan): Channel[] {
  const channels: Channel[] = [];
  let base = 0;
  for (const edge of plan.edges) {
    const senders = plan.tasks[edge.from.task]!.parallelism;
    const receivers = plan.tasks[edge.to.task]!.parallelism;
    const oneToOne = isOneToOne(plan, edge);
    const overtakes = edge.partition.by === "hash" || edge.partition.by === "rebalance";
    for (let from = 0; from < senders; from++) {
      for (let to = 0; to < receivers; to++) {
        if (oneToOne && from !== to) continue;
        channels.push({ id: base + from * receivers + to, edge, from, to, overtakes });
      }
    }
    base += senders * receivers;
  }
  return channels;
}

export const schemasOf = (channels: readonly Channel[]): Map<number, Schema> =>
  new Map(channels.map(({ id, edge }) => [id, edge.schema]));
