/**
 * A store that is a folder: local, or shared over NFS. A blob is written under another name and renamed when it is on
 * the disk, so that a crash leaves it whole or not at all.
 */
import { open, readdir, readFile, rename, rm, rmdir } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { EngineError } from "../../engine-error.ts";
import type { Answer, Store } from "../store.ts";
import { answering, plainBytes } from "./answering.ts";
import { checkBlobName, checkBlobPrefix, unfinishedEnding } from "./blob-name.ts";
import { makeFolder } from "./make-folder.ts";

const writeAttempts = 5;

export class FolderStore implements Store {
  readonly name: string;
  private readonly root: string;
  /** Makes the unfinished files of this process different from each other and from those of any other, on NFS too. */
  private readonly writer = `${hostname()}-${process.pid}`;
  private writes = 0;
  /** Folders known to be there and to survive a crash. */
  private readonly lasting = new Map<string, Promise<void>>();

  constructor(folder: string) {
    this.root = resolve(folder);
    this.name = `folder ${this.root}`;
  }

  put(name: string, bytes: Uint8Array, done: Answer<undefined>): void {
    answering(
      this.guarded("write", name, () => this.write(name, bytes)),
      done,
    );
  }

  get(name: string, done: Answer<Uint8Array>): void {
    answering(
      this.guarded("read", name, async () => {
        checkBlobName(name);
        return plainBytes(await readFile(join(this.root, name)));
      }),
      done,
    );
  }

  remove(name: string, done: Answer<undefined>): void {
    answering(
      this.guarded("remove", name, async () => {
        checkBlobName(name);
        await rm(join(this.root, name), { force: true });
        await this.removeEmpty(dirname(join(this.root, name)));
        return undefined;
      }),
      done,
    );
  }

  list(prefix: string, done: Answer<readonly string[]>): void {
    answering(
      this.guarded("list", prefix, async () => {
        checkBlobPrefix(prefix);
        const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
        const names: string[] = [];
        await this.gather(folder, prefix, names);
        return names.sort();
      }),
      done,
    );
  }

  private async write(name: string, bytes: Uint8Array): Promise<undefined> {
    checkBlobName(name);
    const target = join(this.root, name);
    const folder = dirname(target);
    for (let attempt = 1; ; attempt++) {
      const unfinished = `${target}.${this.writer}-${++this.writes}${unfinishedEnding}`;
      try {
        await this.makeLasting(folder);
        await writeWhole(unfinished, bytes);
        await rename(unfinished, target);
        await syncFolder(folder);
        return undefined;
      } catch (error) {
        await rm(unfinished, { force: true }).catch(() => undefined);
        // Somebody removed the last other blob, and the folder with it.
        this.lasting.delete(folder);
        if (codeOf(error) !== "ENOENT" || attempt === writeAttempts) throw error;
      }
    }
  }

  /** Each checkpoint has a folder: those of former ones would pile up. */
  private async removeEmpty(folder: string): Promise<void> {
    for (let empty = folder; empty.length > this.root.length; empty = dirname(empty)) {
      this.lasting.delete(empty);
      try {
        await rmdir(empty);
      } catch {
        return; // Something is in it, or somebody else was faster.
      }
    }
  }

  /** Makes a folder with those above it, and lets each one's entry reach the disk. */
  private makeLasting(folder: string): Promise<void> {
    const known = this.lasting.get(folder);
    if (known) return known;
    const made = (async () => {
      const first = makeFolder(folder);
      if (first === undefined) return;
      for (let above = dirname(folder); above.length >= dirname(first).length; above = dirname(above)) {
        await syncFolder(above);
        if (above === dirname(above)) break;
      }
    })();
    this.lasting.set(folder, made);
    made.catch(() => this.lasting.delete(folder));
    return made;
  }

  private async gather(folder: string, prefix: string, names: string[]): Promise<void> {
    const entries = await readdir(join(this.root, folder), { withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        // Not written yet, or removed by another process while this one lists.
        if (error.code === "ENOENT") return [];
        throw error;
      },
    );
    for (const entry of entries) {
      const name = `${folder}${entry.name}`;
      if (entry.isDirectory()) {
        if (name.startsWith(prefix) || prefix.startsWith(`${name}/`)) {
          await this.gather(`${name}/`, prefix, names);
        }
      } else if (name.startsWith(prefix) && !name.endsWith(unfinishedEnding)) names.push(name);
    }
  }

  private async guarded<Value>(verb: string, name: string, work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      if (error.code === "ENOENT" && verb === "read") {
        throw new EngineError("blob-missing", `${this.name}: there is no ${name}`, "");
      }
      const code = String(error.code);
      const fix = fixes[code] ?? `see that ${this.root} can be used, or name another folder`;
      const kind = code === "ENOSPC" || code === "EDQUOT" ? "store-full" : "store-failed";
      throw new EngineError(kind, `${this.name}: cannot ${verb} ${name} (${code})`, fix, 1, { cause: error });
    }
  }
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, "wx");
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const full = "the disk is full: make room; the job goes on from its last complete checkpoint";
const fixes: Readonly<Record<string, string>> = {
  ENOSPC: full,
  EDQUOT: full,
  EACCES: "let this user write there, or name another folder",
  EPERM: "let this user write there, or name another folder",
  EROFS: "it is mounted read-only: name another folder",
  ENOTDIR: "a part of its path is a file: name another folder",
};
