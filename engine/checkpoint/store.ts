/**
 * Where checkpoints are kept: named, immutable blobs. Answers come by callback, in a later turn, so that the simulator
 * decides when and whether; `stores/` has the real ones.
 */
export type Answer<Value> = (error: Error | undefined, value: Value) => void;

export interface Store {
  /** What it is, for messages: `folder /x`, `minio http://… bucket b`. */
  readonly name: string;
  /** All or nothing, and lasting once answered. */
  put(name: string, bytes: Uint8Array, done: Answer<undefined>): void;
  get(name: string, done: Answer<Uint8Array>): void;
  /** No error when it is gone already. */
  remove(name: string, done: Answer<undefined>): void;
  /** Names that start with `prefix`, ascending. */
  list(prefix: string, done: Answer<readonly string[]>): void;
}
