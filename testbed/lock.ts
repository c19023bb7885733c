/** One command at a time changes a lab. The kernel keeps the lock, so a holder that was killed holds nothing. */
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { lockFile, tryLockFile } from "./linux/syscalls.ts";
import { UserError } from "./user-error.ts";

/** In the file, for whoever finds it locked. */
type Holder = { pid: number; what: string };

/** Returns the way to let go. */
export function lock(path: string, what: string): () => void {
  const fd = openLocked(path, (file) => {
    if (tryLockFile(file)) return;
    const holder = readHolder(path);
    const who = holder ? `${holder.what} runs as process ${holder.pid}` : "another command has just begun";
    throw new UserError("lab-busy", `the lab is busy: ${who}`, "wait for it, or end it");
  });
  ftruncateSync(fd);
  writeSync(fd, JSON.stringify({ pid: process.pid, what } satisfies Holder), 0);
  return () => closeSync(fd);
}

/** For what takes some milliseconds: waits its turn. `act` must be synchronous. */
export function whileLocked<Result>(path: string, act: () => Result): Result {
  const fd = openLocked(path, lockFile);
  try {
    return act();
  } finally {
    closeSync(fd);
  }
}

/** The file is never removed by who locks it, but a lab's folder goes as a whole, and perhaps comes back. */
function openLocked(path: string, take: (fd: number) => void): number {
  for (;;) {
    const fd = openSync(path, "a+");
    try {
      take(fd);
      if (fstatSync(fd).ino === statSync(path, { throwIfNoEntry: false })?.ino) return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd); // What we have locked was removed meanwhile, and means nothing to anyone else.
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return undefined; // It has the lock and has not written its name yet.
  }
}
