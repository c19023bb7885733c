/** What stores share: a promise's end as an answer, and what is read as plain bytes. */
import type { Answer } from "../store.ts";

/** The answer is given outside the promise: an error thrown by it is the receiver's and must not look like the store's. */
export function answering<Value>(work: Promise<Value>, done: Answer<Value>): void {
  work.then(
    (value) => setImmediate(done, undefined, value),
    (error: unknown) => setImmediate(done, error instanceof Error ? error : new Error(String(error)), none),
  );
}

/** Beside an error there is no value, and nobody looks at it. */
const none = undefined as never;

/** A Buffer is a Uint8Array whose `slice` does not copy: whoever takes it for a plain one reads its neighbours. */
export function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
