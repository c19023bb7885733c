/** Control groups, version 1: one hierarchy per controller (or per few), each mounted under its name. */
import { join } from "node:path";
import type { CgroupHost } from "./cgroup-host.ts";
import {
  type CgroupVersion,
  type Controller,
  controllers,
  groupsAboveNode,
  type Hierarchy,
  type Lacks,
  type MemberUsage,
  readStatistics,
  weight,
} from "./cgroup-version.ts";

export async function detectV1(
  host: CgroupHost,
  mounts: string,
): Promise<{ hierarchies: Hierarchy[]; lacks: Lacks }> {
  const found = new Map<string, Controller[]>();
  const lacks: Lacks = {};
  for (const controller of controllers) {
    const mount = join(mounts, controller);
    if (!(await host.exists(join(mount, "cgroup.procs")))) continue;
    // cpu and cpuacct are usually two names of one hierarchy; a process joins it once.
    const root = await host.realPath(mount);
    if (await host.writable(root)) found.set(root, [...(found.get(root) ?? []), controller]);
    else lacks[controller] = `${mount} (cgroup v1) is not writable for this user; root may set limits there`;
  }
  const hierarchies = [...found].map(([root, served]) => ({
    version: 1 as const,
    root,
    controllers: served,
  }));
  return { hierarchies, lacks };
}

export const version1: CgroupVersion = {
  async make(host, { path }) {
    await host.makeDirectory(path);
    return {};
  },

  async limitCpu(host, path, quotaUs, periodUs) {
    // The kernel checks each write alone, so the old quota goes before the period that it might not fit.
    await host.write(join(path, "cpu.cfs_quota_us"), "-1");
    await host.write(join(path, "cpu.cfs_period_us"), `${periodUs}`);
    await host.write(join(path, "cpu.cfs_quota_us"), `${quotaUs}`);
    for (const above of groupsAboveNode(path))
      await host.write(join(above, "cpu.shares"), `${weight * 1024}`);
  },

  async limitMemory(host, path, bytes) {
    const both = join(path, "memory.memsw.limit_in_bytes");
    // memsw is memory and swap together, and may never be the smaller one; kernels without swap accounting lack it.
    const accountsSwap = await host.exists(both);
    if (accountsSwap) await host.write(both, "-1");
    await host.write(join(path, "memory.limit_in_bytes"), `${bytes}`);
    if (accountsSwap) await host.write(both, `${bytes}`);
    else await host.write(join(path, "memory.swappiness"), "0");
  },

  async usage(host, { path, controllers: served }) {
    const usage: MemberUsage = {};
    if (served.includes("cpuacct")) {
      usage.cpuSeconds = Number(await host.read(join(path, "cpuacct.usage"))) / 1e9;
    }
    if (served.includes("cpu")) {
      const statistics = readStatistics(await host.read(join(path, "cpu.stat")));
      usage.throttledSeconds = (statistics.get("throttled_time") ?? 0) / 1e9;
    }
    if (served.includes("memory")) {
      const used = Number(await host.read(join(path, "memory.usage_in_bytes")));
      const statistics = readStatistics(await host.read(join(path, "memory.stat")));
      // Files that the kernel would drop first are not what a node needs.
      usage.memoryBytes = Math.max(0, used - (statistics.get("total_inactive_file") ?? 0));
    }
    return usage;
  },

  setFrozen: (host, path, frozen) => host.write(join(path, "freezer.state"), frozen ? "FROZEN" : "THAWED"),

  isFrozen: async (host, path) => (await host.read(join(path, "freezer.state"))).trim() === "FROZEN",
};
