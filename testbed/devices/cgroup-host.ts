/** What control groups need of the machine, as one small interface: tests put a pretended kernel in its place. */
import { constants } from "node:fs";
import { access, mkdir, readdir, readFile, realpath, rmdir, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

export interface CgroupHost {
  read(path: string): Promise<string>;
  write(path: string, text: string): Promise<void>;
  exists(path: string): Promise<boolean>;
  writable(path: string): Promise<boolean>;
  realPath(path: string): Promise<string>;
  /** With its parents; fine when it is there. */
  makeDirectory(path: string): Promise<void>;
  removeDirectory(path: string): Promise<void>;
  /** Names of the directories in a directory. */
  directories(path: string): Promise<string[]>;
  /** SIGKILL; fine when the process is gone. */
  kill(pid: number): void;
  sleep(delayMs: number): Promise<void>;
}

export const realHost: CgroupHost = {
  read: (path) => readFile(path, "utf8"),
  // Never O_CREAT: where a control file is missing, "no such file" says so and "permission denied" would not.
  write: (path, text) => writeFile(path, text, { flag: constants.O_WRONLY as unknown as string }),
  exists: (path) => allowed(path, constants.F_OK),
  writable: (path) => allowed(path, constants.W_OK),
  realPath: (path) => realpath(path),
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true });
  },
  removeDirectory: (path) => rmdir(path),
  directories: async (path) => {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  },
  kill(pid) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (errorCode(error) !== "ESRCH") throw error;
    }
  },
  sleep: async (delayMs) => {
    await sleep(delayMs);
  },
};

export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? "";
}

async function allowed(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}
