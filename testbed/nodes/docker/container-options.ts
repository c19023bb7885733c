/** What a node's container is made of, as Docker's API takes it. Pure. */
import { createHash } from "node:crypto";
import type { ContainerCreateOptions } from "dockerode";
import { cpuBandwidth } from "#testbed/devices/cpu-bandwidth.ts";
import { nodeVariable } from "#testbed/marks.ts";
import type { NodeLimit } from "#testbed/node-limit.ts";
import { places } from "./places.ts";

export const labels = {
  lab: "brume.lab",
  labName: "brume.lab-name",
  node: "brume.node",
  number: "brume.number",
  /** Of all that the container is made of: another word, another container. */
  made: "brume.made",
} as const;

/** Of an image: where its own Node.js lies. Others get the one that brume runs on. */
export const nodeLabel = "brume.runtime";

export type ContainerWish = {
  lab: { id: string; name: string };
  node: { name: string; number: number };
  image: string;
  memoryBytes?: number;
  limit?: NodeLimit;
  /** What the engine makes control groups with. */
  driver: string;
  /** In which control group; where it is absent, the one that the limit and the driver name. */
  group?: string;
  /** Files and folders of the engine's machine. */
  from: { hosts: string; attendant: string; node: string; project: string; brought: string };
};

export function containerName(labId: string, node: string): string {
  return `brume-${labId}-${node}`;
}

export function containerOptions(wish: ContainerWish): ContainerCreateOptions & { name: string } {
  const { lab, node, image, from } = wish;
  const mount = (source: string, target: string, readOnly = true) => ({
    Type: "bind" as const,
    Source: source,
    Target: target,
    ReadOnly: readOnly,
  });
  const options: ContainerCreateOptions = {
    Image: image,
    Hostname: node.name,
    Entrypoint: [places.attendant],
    Cmd: [],
    StopSignal: "SIGKILL", // The attendant has nothing to say goodbye for.
    // By these a process is known where the kernel has no IPv6, which marks the node's network; commands inherit them.
    Env: [`${nodeVariable}=${lab.id}/${node.number}`, `BRUME_NODE=${node.name}`],
    // The image may say that it is healthy when some server answers; nothing of it runs here by itself.
    Healthcheck: { Test: ["NONE"] },
    Labels: {
      [labels.lab]: lab.id,
      [labels.labName]: lab.name,
      [labels.node]: node.name,
      [labels.number]: String(node.number),
    },
    HostConfig: {
      NetworkMode: "none", // The fabric's link is all the network that it has.
      RestartPolicy: { Name: "no" },
      LogConfig: { Type: "json-file", Config: { "max-size": "1m" } },
      Mounts: [
        // Rewritten in place when nodes come and go, so the mount shows what is there now.
        mount(from.hosts, "/etc/hosts"),
        mount(from.attendant, places.attendant),
        mount(from.node, places.node),
        mount(from.project, places.project),
        mount(from.brought, places.brought),
      ],
      Tmpfs: { [places.reports]: "mode=1777,size=4m" },
      ...resources(wish),
    },
  };
  const made = createHash("sha256").update(JSON.stringify(options)).digest("hex");
  return {
    ...options,
    HostConfig: { ...options.HostConfig, ...memory(wish) },
    name: containerName(lab.id, node.name),
    Labels: { ...options.Labels, [labels.made]: made },
  };
}

/**
 * Inside the node's own control group where the engine makes groups by path: then its limits and counts are the lab's,
 * as for nodes of every other kind on this machine. Else the engine is told to limit.
 */
function resources(wish: ContainerWish) {
  const { limit, memoryBytes, driver } = wish;
  const group = wish.group ?? parentGroup(limit, driver);
  const quota =
    group === undefined && limit?.quotaCores !== undefined ? cpuBandwidth(limit.quotaCores) : undefined;
  return {
    ...(group !== undefined && { CgroupParent: group }),
    ...(quota && { CpuPeriod: quota.periodUs, CpuQuota: quota.quotaUs }),
    // A device's memory in a group of the lab's may change without another container.
    ...(group === undefined || memoryBytes !== undefined ? memory(wish) : {}),
  };
}

/**
 * Told to the container also where the group around it has the limit: a program asks its own group how much it may have, and
 * Node.js that believes in all of the machine's memory collects garbage so rarely that the node is stronger than its device.
 */
function memory({ limit, memoryBytes }: ContainerWish) {
  const limits = [memoryBytes, limit?.memoryBytes].filter((each) => each !== undefined);
  if (limits.length === 0) return {};
  const bytes = Math.floor(Math.min(...limits));
  // No swap besides, as for a device class.
  return { Memory: bytes, MemorySwap: bytes };
}

/** From the mount of each hierarchy, as runc takes it; undefined where the node has none or the engine takes no paths. */
export function parentGroup(limit: NodeLimit | undefined, driver: string): string | undefined {
  if (driver !== "cgroupfs" || !limit || limit.members.length === 0) return undefined;
  const found = new Set(
    limit.members.map(({ path, version }) => {
      const [mount, group] = split(path);
      const isTop = version === 1 ? /^\/sys\/fs\/cgroup\/[^/]+$/ : /^\/sys\/fs\/cgroup(\/unified)?$/;
      return isTop.test(mount) ? group : undefined;
    }),
  );
  return found.size === 1 ? [...found][0] : undefined;
}

function split(path: string): [string, string] {
  const at = path.lastIndexOf("/brume/");
  return [path.slice(0, at), path.slice(at)];
}
