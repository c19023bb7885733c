/** A store in memory, for tests of what is stored and when. */
import { EngineError } from "../../engine-error.ts";
import type { Answer, Store } from "../store.ts";
import { answering } from "./answering.ts";
import { checkBlobName, checkBlobPrefix } from "./blob-name.ts";

export class MemoryStore implements Store {
  readonly name = "memory";
  readonly blobs = new Map<string, Uint8Array>();

  put(name: string, bytes: Uint8Array, done: Answer<undefined>): void {
    const copy = bytes.slice();
    answering(
      later(() => {
        checkBlobName(name);
        this.blobs.set(name, copy);
        return undefined;
      }),
      done,
    );
  }

  get(name: string, done: Answer<Uint8Array>): void {
    answering(
      later(() => {
        checkBlobName(name);
        const bytes = this.blobs.get(name);
        if (!bytes) throw new EngineError("blob-missing", `${this.name}: there is no ${name}`, "");
        return bytes.slice();
      }),
      done,
    );
  }

  remove(name: string, done: Answer<undefined>): void {
    answering(
      later(() => {
        checkBlobName(name);
        this.blobs.delete(name);
        return undefined;
      }),
      done,
    );
  }

  list(prefix: string, done: Answer<readonly string[]>): void {
    answering(
      later(() => {
        checkBlobPrefix(prefix);
        return [...this.blobs.keys()].filter((name) => name.startsWith(prefix)).sort();
      }),
      done,
    );
  }
}

async function later<Value>(work: () => Value): Promise<Value> {
  return work();
}
