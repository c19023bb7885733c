/** A job's result as one file: while it runs its subtasks write files of their own into a folder beside it. */
import { createReadStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UserError } from "#testbed/user-error.ts";
import { usageError } from "./arguments.ts";
import { openFile } from "./whole-file.ts";

export type JobOutput = {
  /** What the job's file sink is given. */
  readonly folder: string;
  /** Brings together what was published. Says how many bytes it is. */
  gather(): Promise<number>;
  /** Takes away what is unfinished; what is whole and could not be brought together stays. */
  discard(): Promise<void>;
};

/** What a run's parts are called: a folder that is named by its user may hold other files. */
const partName = /^[A-Za-z0-9_-]+\.\d{5,}\.\d{5,}\.\d{8,}\.jsonl$/;

/** A name that ends in a slash, or a folder that is there, gets the files as they are. */
export async function jobOutput(given: string): Promise<JobOutput> {
  if (given === "") throw usageError("--out: the name is empty", "--out FILE, or DIR/");
  const out = resolve(given);
  const there = await stat(out).catch(() => undefined);
  if (given.endsWith("/") || there?.isDirectory()) {
    await refuseFolder(given, out);
    return { folder: out, gather: () => sizeOf(out), discard: async () => undefined };
  }
  const folder = partsOf(out);
  // Whether it can be written is told before the job, not after it.
  await (await openFile(out)).discard();
  let isWhole = false;
  return {
    folder,
    async gather() {
      try {
        return await joined(folder, out, there === undefined);
      } catch (error) {
        isWhole = true;
        throw apart(folder, out, error);
      }
    },
    discard: async () => {
      if (!isWhole) await rm(folder, { recursive: true, force: true });
    },
  };
}

const partsEnding = ".parts";
const partsOf = (out: string): string => `${out}${partsEnding}`;

/** What `--out` was where a job writes its parts into `folder`. */
export const outOf = (folder: string): string =>
  folder.endsWith(partsEnding) ? folder.slice(0, -partsEnding.length) : `${folder}/`;

async function refuseFolder(given: string, out: string): Promise<void> {
  const isFolder = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory();
  const there = await stat(out).catch(() => undefined);
  if (there?.isDirectory()) return;
  if (there !== undefined) {
    throw usageError(`--out ${given}: it is no folder`, "leave the slash out to replace the file");
  }
  if (await isFolder(dirname(out))) return;
  throw usageError(`--out ${given}: there is no folder ${dirname(out)}`, "make it first");
}

async function joined(folder: string, out: string, isNew: boolean): Promise<number> {
  const parts = await filesIn(folder);
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && isNew) {
    await rename(only, out);
    await rm(folder, { recursive: true, force: true });
    return (await stat(out)).size;
  }
  const sink = await openFile(out);
  let bytes = 0;
  try {
    for (const path of parts) {
      for await (const part of createReadStream(path)) {
        await sink.write(part as Buffer);
        bytes += (part as Buffer).length;
      }
    }
    await sink.finish();
  } finally {
    await sink.discard();
  }
  await rm(folder, { recursive: true, force: true });
  return bytes;
}

function apart(folder: string, out: string, error: unknown): UserError {
  const [why] = (error instanceof Error ? error.message : String(error)).split("\n");
  const what = `${why}; the job has finished, and all of its result is in ${folder}`;
  return new UserError("results-apart", what, `once there is room for it: cat ${folder}/* > ${out}`, 1, {
    cause: error,
  });
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const path of await filesIn(folder, partName)) bytes += (await stat(path)).size;
  return bytes;
}

/** Those that were published, in the order of their names. */
async function filesIn(folder: string, like = /^/): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith(".") && !entry.name.endsWith(".part"))
    .filter((entry) => like.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
