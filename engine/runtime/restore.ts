/** Reads what the subtasks of this worker need of a checkpoint: its manifest, then the blobs that hold their shares. */
import { BlobReader } from "../checkpoint/blob.ts";
import { decodeManifest, type Manifest } from "../checkpoint/manifest.ts";
import type { Part } from "../checkpoint/part.ts";
import { partsOfOperator } from "../checkpoint/restore-plan.ts";
import { blobsFor, restoredState } from "../checkpoint/restore-state.ts";
import type { Answer, Store } from "../checkpoint/store.ts";
import type { JobPlan } from "../dataflow/plan.ts";
import type { RestoredState } from "../state/frozen-state.ts";
import { InFlightRestore, type Receiver, type Replay } from "./in-flight.ts";

/** What a subtask starts with. */
export type Restored = {
  stateOf(operator: string): RestoredState | undefined;
  readonly replays: readonly Replay[];
  /** What the next checkpoint may refer to. */
  readonly base: Part | undefined;
};

/** Blobs asked for at a time. */
const concurrentGets = 8;

/** `done` gets one answer for each receiver. It may throw, and so may this: the caller reports both alike. */
export function restore(
  store: Store,
  manifestName: string,
  plan: JobPlan,
  receivers: readonly Receiver[],
  done: Answer<readonly Restored[]>,
): void {
  store.get(manifestName, (error, bytes) => {
    if (error) return done(error, []);
    attempt(done, () => {
      const shares = sharesOf(decodeManifest(bytes, manifestName), plan, receivers);
      const names = [...new Set(shares.flatMap(({ blobs }) => blobs))];
      getAll(store, names, (failed, blobs) => {
        if (failed) return done(failed, []);
        attempt(done, () => {
          const blobNamed = (name: string) => blobs.get(name)!;
          done(
            undefined,
            shares.map(({ take }) => take(blobNamed)),
          );
        });
      });
    });
  });
}

function attempt(done: Answer<readonly Restored[]>, what: () => void): void {
  try {
    what();
  } catch (error) {
    done(error as Error, []);
  }
}

type ReceiverShare = { blobs: string[]; take(blobNamed: (name: string) => BlobReader): Restored };

function sharesOf(manifest: Manifest, plan: JobPlan, receivers: readonly Receiver[]): ReceiverShare[] {
  return receivers.map((receiver) => {
    const { task, subtask, subtaskOf } = receiver;
    const { operators, parallelism } = plan.tasks[task]!;
    const owns = (keyGroup: number) => parallelism === 1 || subtaskOf[keyGroup] === subtask;
    const inFlight = new InFlightRestore(manifest, plan, receiver);
    const parts = new Map(operators.map(({ id }) => [id, partsOfOperator(manifest, id)]));
    const blobs = inFlight.blobs();
    for (const [id, ofAll] of parts) blobs.push(...blobsFor(ofAll, id, owns));
    return {
      blobs,
      take: (blobNamed) => {
        const states = new Map(
          [...parts].map(([id, ofAll]) => [
            id,
            restoredState(id, ofAll, { subtask, parallelism, owns }, blobNamed),
          ]),
        );
        return {
          stateOf: (operator) => states.get(operator),
          replays: inFlight.replays(blobNamed),
          base: baseOf(manifest, plan, receiver),
        };
      },
    };
  });
}

/** A savepoint may be taken away by its owner; of a checkpoint, the same subtask's part can be built on. */
function baseOf(manifest: Manifest, plan: JobPlan, { task, subtask }: Receiver): Part | undefined {
  if (manifest.kind !== "checkpoint") return undefined;
  const { operators, parallelism } = plan.tasks[task]!;
  const before = manifest.tasks.findIndex((one) => one.operators.includes(operators[0]!.id));
  if (before < 0 || manifest.tasks[before]!.parallelism !== parallelism) return undefined;
  return manifest.parts.find((part) => part.task === before && part.subtask === subtask)?.part as
    | Part
    | undefined;
}

/** Some at a time. After a failure no more are asked for, and it is told once. */
function getAll(store: Store, names: readonly string[], done: Answer<Map<string, BlobReader>>): void {
  const blobs = new Map<string, BlobReader>();
  let next = 0;
  let isOver = false;
  const finish = (error: Error | undefined) => {
    if (isOver) return;
    isOver = true;
    done(error, blobs);
  };
  const ask = () => {
    const name = names[next++];
    if (name === undefined) {
      if (blobs.size === names.length) finish(undefined);
      return;
    }
    store.get(name, (error, bytes) => {
      if (error) return finish(error);
      try {
        blobs.set(name, new BlobReader(name, bytes));
      } catch (damage) {
        return finish(damage as Error);
      }
      if (!isOver) ask();
    });
  };
  for (let asked = 0; asked < Math.max(1, Math.min(concurrentGets, names.length)); asked++) ask();
}
