/** Ends what runs in control groups and removes them, from their paths alone: after a crash there is nothing else. */
import { dirname, join } from "node:path";
import { type CgroupHost, errorCode, realHost } from "./cgroup-host.ts";

/** A removal waits this long for killed processes to be reaped; a core dump or a slow unmount can take a second. */
const waitStepMs = 10;
const waitSteps = 500;

/** Kills what is left in the groups and removes them, and the folders above that thereby fall empty. Idempotent. */
export async function removeCgroups(paths: readonly string[], host: CgroupHost = realHost): Promise<void> {
  // What stands in such a group is killed, so a damaged record must not be able to name anybody else's group.
  const foreign = paths.find((path) => !/\/brume\/[^/]+\/[^/]+$/.test(path));
  if (foreign !== undefined) throw new Error(`not a group of a lab's node: ${foreign}`);
  await killBelow(host, paths);
  for (const path of paths) {
    let left: unknown;
    await waitUntil(
      host,
      async () => {
        left = await tryRemove(host, path);
        return left === undefined;
      },
      () => `${path} cannot be removed: ${refusal(left)}`,
    );
    for (const above of [dirname(path), dirname(dirname(path))]) await tryRemove(host, above, false);
  }
}

/** Undefined when it is gone. Groups that the node made itself go first. */
async function tryRemove(host: CgroupHost, path: string, withChildren = true): Promise<unknown> {
  try {
    if (withChildren) {
      for (const child of await host.directories(path)) await tryRemove(host, join(path, child));
    }
    await host.removeDirectory(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return undefined;
    if (code === "EBUSY" || code === "ENOTEMPTY") return error;
    throw error;
  }
  return undefined;
}

export async function killBelow(host: CgroupHost, paths: readonly string[]): Promise<void> {
  let left: number[] = [];
  await waitUntil(
    host,
    async () => {
      left = await processesBelow(host, paths);
      if (left.length === 0) return true;
      for (const path of paths) await writeIfThere(host, join(path, "cgroup.kill"), "1");
      for (const pid of left) host.kill(pid);
      // In a frozen v1 group a killed process waits for the thaw before it dies.
      for (const path of paths) await writeIfThere(host, join(path, "freezer.state"), "THAWED");
      return false;
    },
    () => `processes ${left.join(", ")} of ${paths.join(", ")} do not die`,
  );
}

async function writeIfThere(host: CgroupHost, path: string, text: string): Promise<void> {
  try {
    await host.write(path, text);
  } catch (error) {
    if (!["ENOENT", "ENODEV"].includes(errorCode(error))) throw error;
  }
}

export async function processesBelow(host: CgroupHost, paths: readonly string[]): Promise<number[]> {
  const found = new Set<number>();
  for (const path of paths) {
    try {
      const text = await host.read(join(path, "cgroup.procs"));
      // 0 stands for a process that this process's PID namespace does not show.
      for (const word of text.split("\n")) if (Number(word) > 0) found.add(Number(word));
      const children = (await host.directories(path)).map((child) => join(path, child));
      for (const pid of await processesBelow(host, children)) found.add(pid);
    } catch (error) {
      if (!["ENOENT", "ENODEV"].includes(errorCode(error))) throw error;
    }
  }
  return [...found];
}

export async function waitUntil(
  host: CgroupHost,
  done: () => Promise<boolean>,
  what: () => string,
): Promise<void> {
  for (let step = 0; step < waitSteps; step++) {
    if (await done()) return;
    await host.sleep(waitStepMs);
  }
  throw new Error(`${what()} (waited ${(waitSteps * waitStepMs) / 1000} s)`);
}

export function refusal(error: unknown): string {
  const code = errorCode(error);
  if (code === "EACCES" || code === "EPERM") return "not allowed for this user";
  if (code === "EROFS") return "mounted read-only";
  return error instanceof Error ? error.message : String(error);
}
