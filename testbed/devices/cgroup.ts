/**
 * A node's control group: limits for CPU and memory, usage, freezing and killing. Which directories make up a group
 * is known before any of them exists, and removing needs nothing but those paths.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CgroupHost, errorCode, realHost } from "./cgroup-host.ts";
import { killBelow, processesBelow, refusal, removeCgroups, waitUntil } from "./cgroup-removal.ts";
import { detectV1, version1 } from "./cgroup-v1.ts";
import { detectV2, version2 } from "./cgroup-v2.ts";
import {
  type CgroupMember,
  type CgroupVersion,
  type Controller,
  controllers,
  type Hierarchy,
  type Lacks,
} from "./cgroup-version.ts";
import { cpuBandwidth } from "./cpu-bandwidth.ts";

export { removeCgroups } from "./cgroup-removal.ts";
export type { CgroupMember } from "./cgroup-version.ts";

/** Where groups can be made, and for every controller that cannot be had, why. */
export type CgroupLayout = { hierarchies: readonly Hierarchy[]; lacks: Lacks };

export type Limits = {
  cpuCores?: number;
  /** For trials; everyone else gets the period of cpu-bandwidth.ts. */
  cpuPeriodUs?: number;
  memoryBytes?: number;
};

export type Enforcement = { enforced: true } | { enforced: false; reason: string };

/** What became of each limit that was asked for, and the members that a process can join. */
export type CreatedCgroup = { members: readonly CgroupMember[]; cpu?: Enforcement; memory?: Enforcement };

export type CgroupUsage = {
  processes: number;
  cpuSeconds?: number;
  /** Time for which tasks stood still because the quota was used up, summed over cores. */
  throttledSeconds?: number;
  memoryBytes?: number;
};

const versions: Readonly<Record<1 | 2, CgroupVersion>> = { 1: version1, 2: version2 };

type DetectOptions = { mounts?: string; ownGroups?: string; host?: CgroupHost };

/** `mounts` is the folder of the cgroup mounts; `ownGroups` the text of /proc/self/cgroup. */
export async function detectCgroups(options: DetectOptions = {}): Promise<CgroupLayout> {
  const { mounts = "/sys/fs/cgroup", host = realHost } = options;
  const one = await detectV1(host, mounts);
  const served = new Set<Controller>(one.hierarchies.flatMap((hierarchy) => hierarchy.controllers));
  if (controllers.every((controller) => served.has(controller))) {
    return { hierarchies: one.hierarchies, lacks: {} };
  }
  const two = await detectUnified(host, mounts, options.ownGroups);
  const lacks: Lacks = {};
  for (const controller of controllers.filter((name) => !served.has(name))) {
    if (two.hierarchies.some((hierarchy) => hierarchy.controllers.includes(controller))) continue;
    lacks[controller] =
      one.lacks[controller] ?? two.lacks[controller] ?? `${mounts} has no ${controller} controller`;
  }
  // A hybrid machine shows cpu time and freezing in both versions; the v1 one is where its other limits are.
  const rest = two.hierarchies
    .map((hierarchy) => ({
      ...hierarchy,
      controllers: hierarchy.controllers.filter((name) => !served.has(name)),
    }))
    .filter((hierarchy) => hierarchy.controllers.length > 0);
  return { hierarchies: [...one.hierarchies, ...rest], lacks };
}

async function detectUnified(host: CgroupHost, mounts: string, ownGroups?: string) {
  for (const mount of [mounts, join(mounts, "unified")]) {
    if (!(await host.exists(join(mount, "cgroup.controllers")))) continue;
    const own = ownGroups ?? (await readFile("/proc/self/cgroup", "utf8"));
    return await detectV2(host, mount, /^0::(.*)$/m.exec(own)?.[1] ?? "/");
  }
  return { hierarchies: [], lacks: {} as Lacks };
}

/** Pure: the directories of a node's group, for the lab's record. */
export function cgroupMembers(layout: CgroupLayout, lab: string, node: string): CgroupMember[] {
  for (const name of [lab, node]) {
    if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name))
      throw new Error(`not a name for a control group: ${name}`);
  }
  return layout.hierarchies.map(({ version, root, controllers: served }) => ({
    version,
    path: join(root, "brume", lab, node),
    controllers: served,
  }));
}

/** Makes the group and sets its limits; what the machine does not allow is told, not thrown. May be repeated. */
export async function createCgroup(
  layout: CgroupLayout,
  lab: string,
  node: string,
  limits: Limits,
  host: CgroupHost = realHost,
): Promise<CreatedCgroup> {
  const made: CgroupMember[] = [];
  const lacks: Lacks = { ...layout.lacks };
  for (const member of cgroupMembers(layout, lab, node)) {
    try {
      const missing = await makeMember(host, member);
      Object.assign(lacks, missing);
      made.push({ ...member, controllers: member.controllers.filter((name) => !missing[name]) });
    } catch (error) {
      for (const controller of member.controllers) lacks[controller] = `${member.path}: ${refusal(error)}`;
    }
  }
  const limit = async (controller: Controller, set: (member: CgroupMember) => Promise<void>) => {
    const member = made.find(({ controllers: served }) => served.includes(controller));
    if (!member)
      return { enforced: false as const, reason: lacks[controller] ?? `no ${controller} controller` };
    try {
      await set(member);
      return { enforced: true as const };
    } catch (error) {
      return { enforced: false as const, reason: `${member.path}: ${refusal(error)}` };
    }
  };
  const result: CreatedCgroup = { members: made };
  const { cpuCores, cpuPeriodUs, memoryBytes } = limits;
  if (cpuCores !== undefined) {
    const { quotaUs, periodUs } = cpuBandwidth(cpuCores, cpuPeriodUs);
    result.cpu = await limit("cpu", ({ version, path }) =>
      versions[version].limitCpu(host, path, quotaUs, periodUs),
    );
  }
  if (memoryBytes !== undefined) {
    result.memory = await limit("memory", ({ version, path }) =>
      versions[version].limitMemory(host, path, Math.floor(memoryBytes)),
    );
  }
  return result;
}

/** A neighbour that removes its last node takes the folder "brume" with it, perhaps under our feet. */
async function makeMember(host: CgroupHost, member: CgroupMember): Promise<Lacks> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await versions[member.version].make(host, member);
    } catch (error) {
      if (errorCode(error) !== "ENOENT" || attempt === 5) throw error;
    }
  }
}

/** A group that exists, by the members that `createCgroup` made. */
export class Cgroup {
  readonly members: readonly CgroupMember[];
  readonly #host: CgroupHost;

  constructor(members: readonly CgroupMember[], host: CgroupHost = realHost) {
    this.members = members;
    this.#host = host;
  }

  /** Shell: the shell itself, and so whatever it then executes, joins the group; fails where that is refused. */
  joinCommand(): string {
    const joins = this.members.map(({ path }) => `echo $$ > ${quoted(join(path, "cgroup.procs"))}`);
    return joins.length === 0 ? ":" : joins.join(" && ");
  }

  async usage(): Promise<CgroupUsage> {
    const usage: CgroupUsage = { processes: (await this.processes()).length };
    for (const member of this.members)
      Object.assign(usage, await versions[member.version].usage(this.#host, member));
    return usage;
  }

  async processes(): Promise<number[]> {
    return await processesBelow(this.#host, pathsOf(this.members));
  }

  async freeze(): Promise<void> {
    await this.#setFrozen(true);
  }

  async thaw(): Promise<void> {
    await this.#setFrozen(false);
  }

  get canFreeze(): boolean {
    return this.#freezer() !== undefined;
  }

  async killAll(): Promise<void> {
    await killBelow(this.#host, pathsOf(this.members));
  }

  async remove(): Promise<void> {
    await removeCgroups(pathsOf(this.members), this.#host);
  }

  #freezer(): CgroupMember | undefined {
    return this.members.find(({ controllers: served }) => served.includes("freezer"));
  }

  async #setFrozen(frozen: boolean): Promise<void> {
    const member = this.#freezer();
    if (!member) throw new Error("this group has no freezer; ask canFreeze first");
    const version = versions[member.version];
    await waitUntil(
      this.#host,
      // Asked at every look: v1 misses a process that just then waits for one which it made by vfork.
      async () => {
        await version.setFrozen(this.#host, member.path, frozen);
        return (await version.isFrozen(this.#host, member.path)) === frozen;
      },
      () => `${member.path} did not ${frozen ? "freeze" : "thaw"}`,
    );
  }
}

export function pathsOf(members: readonly CgroupMember[]): string[] {
  return members.map(({ path }) => path);
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
