/**
 * Records that an unaligned barrier overtook: which channel they were of, and which subtask gets them at a restore. They
 * are found by operator ids, since tasks and channels change with parallelism.
 */
import type { BlobReader } from "../checkpoint/blob.ts";
import type { Manifest } from "../checkpoint/manifest.ts";
import type { InFlight, Part } from "../checkpoint/part.ts";
import type { EdgePlan, JobPlan, OperatorPlan, Partition } from "../dataflow/plan.ts";
import { EngineError } from "../engine-error.ts";
import type { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { decodeBatch } from "../records/codec.ts";
import { Scatter } from "../records/scatter.ts";
import type { Channel } from "./channel-layout.ts";

export type InFlightEnds = Pick<InFlight, "from" | "to">;
export type Replay = { readonly operator: number; readonly input: number; readonly batch: Batch };

/** The subtask that takes over, and how many of them there are. */
export type Receiver = {
  readonly task: number;
  readonly subtask: number;
  /** By key group. */
  readonly subtaskOf: readonly number[];
};

export function endsOf({ tasks }: JobPlan, { edge, from, to }: Channel): InFlightEnds {
  const sender = tasks[edge.from.task]!.operators[edge.from.operator]!;
  const receiver = tasks[edge.to.task]!.operators[edge.to.operator]!;
  return {
    from: { operator: sender.id, output: edge.from.output, subtask: from },
    to: { operator: receiver.id, input: edge.to.input, subtask: to },
  };
}

export class InFlightRestore {
  readonly #plan: JobPlan;
  readonly #receiver: Receiver;
  readonly #entries: { entry: InFlight; blobName: string; operator: number }[] = [];

  constructor(manifest: Manifest, plan: JobPlan, receiver: Receiver) {
    this.#plan = plan;
    this.#receiver = receiver;
    const { operators } = plan.tasks[receiver.task]!;
    const all = manifest.parts.flatMap(({ part }) =>
      (part as Part).inFlight.map((entry) => ({ entry, blobName: (part as Part).blobs[entry.blob]!.name })),
    );
    // Of one channel, what had reached the receiver comes before what its sender still held.
    const holders = new Map(
      manifest.parts.flatMap(({ part, task, subtask }) =>
        (part as Part).inFlight.map((entry): [InFlight, boolean] => [
          entry,
          subtask === entry.to.subtask && manifest.tasks[task]!.operators.includes(entry.to.operator),
        ]),
      ),
    );
    for (const isReceivers of [true, false]) {
      for (const { entry, blobName } of all) {
        if (holders.get(entry) !== isReceivers) continue;
        const operator = operators.findIndex(({ id }) => id === entry.to.operator);
        if (operator >= 0 && this.#mayTake(entry)) this.#entries.push({ entry, blobName, operator });
      }
    }
    // What is nearer to the end of the chain comes before what those in front of it will send there.
    this.#entries.sort((one, other) => other.operator - one.operator);
  }

  blobs(): string[] {
    return [...new Set(this.#entries.map(({ blobName }) => blobName))];
  }

  replays(blobNamed: (name: string) => BlobReader): Replay[] {
    const replays: Replay[] = [];
    const { operators } = this.#plan.tasks[this.#receiver.task]!;
    for (const { entry, blobName, operator } of this.#entries) {
      const { input } = entry.to;
      const what = `records on their way to operator "${entry.to.operator}"`;
      const bytes = blobNamed(blobName).segment(entry, what);
      const batch = this.#owned(entry, decoded(operators[operator]!, input, bytes, what));
      if (batch.rowCount > 0) replays.push({ operator, input, batch });
    }
    return replays;
  }

  #mayTake(entry: InFlight): boolean {
    const { task, subtask } = this.#receiver;
    const { parallelism } = this.#plan.tasks[task]!;
    if (parallelism === 1) return true;
    return this.#partitionOf(entry)?.by === "hash" || entry.to.subtask % parallelism === subtask;
  }

  /** The rows whose key groups the subtask owns now. */
  #owned(entry: InFlight, batch: Batch): Batch {
    const partition = this.#partitionOf(entry);
    const { subtask, subtaskOf, task } = this.#receiver;
    if (partition?.by !== "hash" || this.#plan.tasks[task]!.parallelism === 1) return batch;
    const sides = [new BatchBuilder(batch.schema, 64), new BatchBuilder(batch.schema, 64)];
    const channelOf = subtaskOf.map((owner) => (owner === subtask ? 0 : 1));
    new Scatter(partition.key, partition.column, channelOf, 2).scatter(batch, sides);
    return sides[0]!.finish();
  }

  /** How the records would come now. An exchange that is no more was by the key of the operator, if it has one. */
  #partitionOf({ from, to }: InFlight): Partition | undefined {
    const { tasks, edges } = this.#plan;
    const operatorAt = (end: EdgePlan["from"] | EdgePlan["to"]) => tasks[end.task]!.operators[end.operator]!;
    const edge = edges.find(
      (one) =>
        operatorAt(one.from).id === from.operator &&
        one.from.output === from.output &&
        operatorAt(one.to).id === to.operator &&
        one.to.input === to.input,
    );
    if (edge) return edge.partition;
    const { key } = tasks[this.#receiver.task]!.operators.find(({ id }) => id === to.operator)!;
    const column = key?.columns[to.input] ?? -1;
    return key && column >= 0 ? { by: "hash", key: key.type, column } : undefined;
  }
}

function decoded({ id, inputs }: OperatorPlan, input: number, bytes: Uint8Array, what: string): Batch {
  const schema = inputs[input];
  try {
    if (schema === undefined) throw new Error(`it has no input ${input}`);
    return decodeBatch(schema, bytes);
  } catch (cause) {
    throw new EngineError(
      "savepoint-in-flight",
      `${what} cannot be read by it: ${(cause as Error).message}`,
      `start from an aligned savepoint, which has no records in flight, or give "${id}" the input that it had`,
      2,
      { cause },
    );
  }
}
