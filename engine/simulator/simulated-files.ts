/**
 * The files of two-phase sinks, on a disk that all workers share. What was appended but not synced is there for all
 * to see until its machine crashes: then any part of it from the end may be gone.
 */
import type { SinkFiles } from "../operators/operator.ts";
import type { Random } from "./random.ts";

type File = { bytes: Uint8Array; length: number; syncedLength: number; writer: string };

const wasGone = (name: string) => Object.assign(new Error(`there is no file ${name}`), { code: "ENOENT" });

export class SimulatedFiles {
  readonly #files = new Map<string, File>();

  /** As one worker's sinks see it. A worker that is gone writes nothing. */
  seenBy(worker: string, isAlive: () => boolean): SinkFiles {
    const files = this.#files;
    return {
      append: (name, bytes) => {
        if (!isAlive()) return;
        let file = files.get(name);
        if (file === undefined) {
          file = { bytes: new Uint8Array(256), length: 0, syncedLength: 0, writer: worker };
          files.set(name, file);
        }
        append(file, bytes);
      },
      sync: (name) => {
        const file = files.get(name);
        if (isAlive() && file !== undefined) file.syncedLength = file.length;
      },
      publish: (pending, final) => {
        if (!isAlive()) return;
        const file = files.get(pending);
        if (file === undefined) {
          if (files.has(final)) return;
          throw wasGone(pending);
        }
        files.delete(pending);
        files.set(final, file);
      },
      remove: (name) => {
        if (isAlive()) files.delete(name);
      },
      list: (under) => {
        const start = under === "" ? "" : `${under}/`;
        const names: string[] = [];
        for (const name of files.keys()) {
          if (name.startsWith(start)) names.push(name.slice(start.length));
        }
        return names.sort();
      },
    };
  }

  /** A machine lost its power: what was not synced is gone, in part or wholly. */
  crash(worker: string, random: Random): void {
    for (const [name, file] of this.#files) {
      if (file.writer !== worker || file.length === file.syncedLength) continue;
      file.length = random.between(file.syncedLength, file.length);
      if (file.length === 0 && random.chance(0.5)) this.#files.delete(name);
    }
  }

  /** Name to content, of the files for which `wanted` holds. */
  contents(wanted: (name: string) => boolean): Map<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const [name, file] of this.#files) {
      if (wanted(name)) found.set(name, file.bytes.subarray(0, file.length));
    }
    return found;
  }
}

function append(file: File, bytes: Uint8Array): void {
  if (file.length + bytes.length > file.bytes.length) {
    const grown = new Uint8Array(2 * (file.length + bytes.length));
    grown.set(file.bytes.subarray(0, file.length));
    file.bytes = grown;
  }
  file.bytes.set(bytes, file.length);
  file.length += bytes.length;
}
