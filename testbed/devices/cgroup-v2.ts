/**
 * Control groups, version 2: one tree. Root makes groups at its top; an ordinary user in the part of it that systemd
 * has delegated, which is the topmost writable group above the own process.
 */
import { dirname, join } from "node:path";
import type { CgroupHost } from "./cgroup-host.ts";
import { errorCode } from "./cgroup-host.ts";
import {
  type CgroupMember,
  type CgroupVersion,
  type Controller,
  groupsAboveNode,
  type Hierarchy,
  type Lacks,
  type MemberUsage,
  readStatistics,
  weight,
} from "./cgroup-version.ts";

/** Those that have to be switched on from the parent; the others are in every group. */
const switched: readonly Controller[] = ["cpu", "memory"];

const delegation = "systemd-run --user --scope -p Delegate=yes ./brume ... starts brume where there is one";

/** `ownGroup` is the process's line of /proc/self/cgroup, such as /user.slice/user-1000.slice/session-2.scope. */
export async function detectV2(
  host: CgroupHost,
  mount: string,
  ownGroup: string,
): Promise<{ hierarchies: Hierarchy[]; lacks: Lacks }> {
  const whyNone = `no cgroup (v2) above this process is writable for this user; ${delegation}`;
  let refused = whyNone;
  for (const root of groupsAbove(mount, ownGroup)) {
    if (!(await writableGroup(host, root))) continue;
    const offered = words(await host.read(join(root, "cgroup.controllers")));
    const on = words(await host.read(join(root, "cgroup.subtree_control")));
    const wanted = switched.filter((controller) => offered.includes(controller));
    const missing = wanted.filter((controller) => !on.includes(controller));
    if (missing.length > 0 && !(await mayHaveChildrenWithControllers(host, root))) {
      refused =
        `${root} holds processes itself, so its groups cannot be limited; ` +
        "move them into a group below it (as systemd and container inits do)";
      continue;
    }
    const lacks: Lacks = {};
    for (const controller of switched.filter((name) => !wanted.includes(name))) {
      lacks[controller] = `the ${controller} controller is not delegated to ${root} (cgroup v2)`;
    }
    return { hierarchies: [{ version: 2, root, controllers: [...wanted, "cpuacct", "freezer"] }], lacks };
  }
  return {
    hierarchies: [],
    lacks: { cpu: refused, cpuacct: refused, memory: refused, freezer: refused },
  };
}

/** From the mount down to the own group: the top first, so that a lab outlives the session that started it. */
function groupsAbove(mount: string, ownGroup: string): string[] {
  const names = ownGroup.split("/").filter((name) => name !== "");
  // A process of another cgroup namespace sees its group as /../..; nothing of that is in this mount.
  if (names.includes("..")) return [mount];
  return [mount, ...names.map((_, at) => join(mount, ...names.slice(0, at + 1)))];
}

async function writableGroup(host: CgroupHost, path: string): Promise<boolean> {
  const parts = [path, join(path, "cgroup.procs"), join(path, "cgroup.subtree_control")];
  for (const part of parts) if (!(await host.writable(part))) return false;
  return true;
}

/** The kernel's rule: controllers go to children of a group without processes. Only the real root is exempt. */
async function mayHaveChildrenWithControllers(host: CgroupHost, path: string): Promise<boolean> {
  if (!(await host.exists(join(path, "cgroup.type")))) return true;
  return (await host.read(join(path, "cgroup.procs"))).trim() === "";
}

export const version2: CgroupVersion = {
  async make(host, member) {
    const lacks: Lacks = {};
    const lab = dirname(member.path);
    const brume = dirname(lab);
    for (const parent of [dirname(brume), brume, lab]) {
      await host.makeDirectory(parent);
      await switchOn(host, parent, member, lacks);
    }
    await host.makeDirectory(member.path);
    return lacks;
  },

  async limitCpu(host, path, quotaUs, periodUs) {
    await host.write(join(path, "cpu.max"), `${quotaUs} ${periodUs}`);
    for (const above of groupsAboveNode(path)) await host.write(join(above, "cpu.weight"), `${weight * 100}`);
  },

  async limitMemory(host, path, bytes) {
    await host.write(join(path, "memory.max"), `${bytes}`);
    const swap = join(path, "memory.swap.max");
    if (await host.exists(swap)) await host.write(swap, "0");
  },

  async usage(host, { path, controllers: served }) {
    const usage: MemberUsage = {};
    const cpu = readStatistics(await host.read(join(path, "cpu.stat")));
    if (served.includes("cpuacct")) usage.cpuSeconds = (cpu.get("usage_usec") ?? 0) / 1e6;
    if (served.includes("cpu")) usage.throttledSeconds = (cpu.get("throttled_usec") ?? 0) / 1e6;
    if (served.includes("memory")) {
      const used = Number(await host.read(join(path, "memory.current")));
      const memory = readStatistics(await host.read(join(path, "memory.stat")));
      usage.memoryBytes = Math.max(0, used - (memory.get("inactive_file") ?? 0));
    }
    return usage;
  },

  setFrozen: (host, path, frozen) => host.write(join(path, "cgroup.freeze"), frozen ? "1" : "0"),

  isFrozen: async (host, path) =>
    readStatistics(await host.read(join(path, "cgroup.events"))).get("frozen") === 1,
};

/** One write each: the kernel takes all or none of a list, and memory is worth having without cpu. */
async function switchOn(host: CgroupHost, path: string, member: CgroupMember, lacks: Lacks): Promise<void> {
  for (const controller of switched) {
    if (!member.controllers.includes(controller)) continue;
    try {
      await host.write(join(path, "cgroup.subtree_control"), `+${controller}`);
    } catch (error) {
      // At the top it may be on already and not ours to write; a missing control file tells later if it is not.
      const on = words(await host.read(join(path, "cgroup.subtree_control")));
      if (!on.includes(controller)) {
        lacks[controller] ??=
          `the ${controller} controller cannot be switched on in ${path}: ${errorCode(error)}`;
      }
    }
  }
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
