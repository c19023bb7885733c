/** Builds, once, what user-mode Linux needs in front of the C library on processors with AMX; see uml-xstate.c. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "#testbed/user-error.ts";

const source = join(import.meta.dirname, "uml-xstate.c");

/** Undefined where the processor's state is no larger than what user-mode Linux 6.1 hands over. */
export async function umlPreload(): Promise<string | undefined> {
  if (!needsPreload(await readFile("/proc/cpuinfo", "utf8"))) return undefined;
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "brume");
  const digest = createHash("sha256")
    .update(await readFile(source))
    .digest("hex")
    .slice(0, 12);
  const library = join(cache, `uml-xstate-${digest}.so`);
  try {
    await access(library);
    return library;
  } catch {
    await mkdir(cache, { recursive: true });
  }
  // Under its name only when whole: two test runs may build it at once.
  const unfinished = `${library}.${process.pid}`;
  try {
    await promisify(execFile)("cc", ["-shared", "-fPIC", "-O2", "-o", unfinished, source]);
  } catch (cause) {
    const what =
      "user-mode Linux does not start on this processor (AMX) without a small library, and cc cannot build it";
    throw new UserError("no-compiler", what, "apt-get install gcc libc6-dev", 1, { cause });
  }
  await rename(unfinished, library);
  return library;
}

/** AMX tiles are 8 KiB of state on their own. */
export function needsPreload(cpuinfo: string): boolean {
  return /^flags\s*:.*\bamx_tile\b/m.test(cpuinfo);
}
