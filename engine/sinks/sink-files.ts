/** Files of sinks on a real disk: written and synced within the call, as a barrier must not pass before they are safe. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "../checkpoint/stores/make-folder.ts";
import { EngineError } from "../engine-error.ts";
import type { SinkFiles } from "../operators/operator.ts";

/** So many files stay open between two calls: one for each sink in a process, with room to spare. */
const openMost = 64;

export class DiskFiles implements SinkFiles {
  /** In the order of their opening. */
  readonly #open = new Map<string, number>();

  append(name: string, bytes: Uint8Array): void {
    try {
      const file = this.#opened(name);
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    } catch (error) {
      throw refused("write", name, error);
    }
  }

  sync(name: string): void {
    try {
      fsyncSync(this.#opened(name));
    } catch (error) {
      throw refused("write", name, error);
    } finally {
      this.#close(name);
    }
    syncFolder(dirname(name));
  }

  publish(pending: string, final: string): void {
    this.#close(pending);
    try {
      renameSync(pending, final);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return; // Done before: a checkpoint's end is told as often as it must.
      throw refused("rename", pending, error);
    }
    syncFolder(dirname(final));
  }

  remove(name: string): void {
    this.#close(name);
    try {
      rmSync(name, { force: true });
    } catch (error) {
      throw refused("remove", name, error);
    }
  }

  list(folder: string): string[] {
    if (!existsSync(folder)) return [];
    try {
      return readdirSync(folder).map((name) => `${folder}/${name}`);
    } catch (error) {
      throw refused("list", folder, error);
    }
  }

  close(): void {
    for (const name of [...this.#open.keys()]) this.#close(name);
  }

  #opened(name: string): number {
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    if (this.#open.size >= openMost) this.#close(this.#open.keys().next().value!);
    makeFolder(dirname(name));
    const file = openSync(name, "a");
    this.#open.set(name, file);
    return file;
  }

  #close(name: string): void {
    const file = this.#open.get(name);
    if (file === undefined) return;
    this.#open.delete(name);
    closeSync(file);
  }
}

/** A name is only as lasting as its folder. */
function syncFolder(folder: string): void {
  const opened = openSync(folder, "r");
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

const fixes: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  ENOSPC: [
    "the disk is full",
    "free some space or give the sink a folder elsewhere; the job's checkpoints are kept",
  ],
  EDQUOT: [
    "the disk quota is used up",
    "free some space or give the sink a folder elsewhere; the job's checkpoints are kept",
  ],
  EACCES: ["permission denied", "give the sink a folder that this user may write to"],
  EPERM: ["permission denied", "give the sink a folder that this user may write to"],
  EROFS: ["the file system is read-only", "give the sink a folder that can be written to"],
  ENOTDIR: ["a part of the path is a file", "give the sink the path of a folder"],
  EEXIST: ["a part of the path is a file", "give the sink the path of a folder"],
};

export function refused(action: string, name: string, error: unknown): Error {
  const known = fixes[codeOf(error) ?? ""];
  if (known === undefined) return error as Error;
  return new EngineError("sink-refused", `cannot ${action} ${name}: ${known[0]}`, known[1], 1, {
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}
