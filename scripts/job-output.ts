/** A job's result as one file: while it runs its subtasks write files of their own into a folder beside it. */
import { createReadStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { openFile } from "./whole-file.ts";

export type JobOutput = {
  /** What the job's file sink is given. */
  readonly folder: string;
  /** Brings together what was published. Says how many bytes it is. */
  gather(): Promise<number>;
  /** Takes away what is unfinished. */
  discard(): Promise<void>;
};

/** A name that ends in a slash, or a folder that is there, gets the files as they are. */
export async function jobOutput(out: string): Promise<JobOutput> {
  const there = await stat(out).catch(() => undefined);
  if (out.endsWith("/") || there?.isDirectory()) {
    return { folder: out, gather: () => sizeOf(out), discard: async () => undefined };
  }
  const folder = `${out}.parts`;
  // Whether it can be written is told before the job, not after it.
  await (await openFile(out)).discard();
  return {
    folder,
    async gather() {
      const parts = await publishedIn(folder);
      const [only] = parts;
      if (only !== undefined && parts.length === 1 && there === undefined) {
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
    },
    discard: () => rm(folder, { recursive: true, force: true }),
  };
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const path of await publishedIn(folder)) bytes += (await stat(path)).size;
  return bytes;
}

/** In the order of their names. */
async function publishedIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith(".") && !entry.name.endsWith(".part"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
