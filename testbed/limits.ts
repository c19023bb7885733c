/**
 * Device classes on a lab's nodes: which quota makes this machine as fast as the device, and the control group that
 * holds a node to it. What cannot be enforced is written into the lab's record with the reason; the lab runs on.
 */
import { availableParallelism, totalmem } from "node:os";
import { calibrate } from "./devices/calibrate.ts";
import {
  Cgroup,
  type CgroupLayout,
  cgroupMembers,
  createCgroup,
  detectCgroups,
  pathsOf,
  removeCgroups,
} from "./devices/cgroup.ts";
import { deviceOf, loadDeviceClass } from "./devices/device-class.ts";
import { hostScores } from "./devices/host-scores.ts";
import type { Scores } from "./devices/kernels.ts";
import type { Identity, LabFolder } from "./lab.ts";
import type { NodeLimit } from "./node-limit.ts";

export class Limits {
  readonly #folder: LabFolder;
  readonly #identity: Identity;
  #layout: Promise<CgroupLayout> | undefined;
  #scores: Promise<Scores> | undefined;

  constructor(folder: LabFolder, identity: Identity) {
    this.#folder = folder;
    this.#identity = identity;
  }

  /** `emulated`: what a core of this machine reaches for the node, where it has to emulate the node's own. */
  async limit(node: string, device: string, cores: number, emulated?: Scores): Promise<void> {
    const layout = await (this.#layout ??= detectCgroups());
    const scores = emulated ?? (await (this.#scores ??= hostScores()));
    const machine = { cores: availableParallelism(), memoryBytes: totalmem(), scores, emulates: !!emulated };
    const { quotaCores, memoryBytes, residuals, shortfalls } = calibrate(machine, {
      ...deviceOf(loadDeviceClass(device)),
      cores,
    });
    const members = cgroupMembers(layout, this.#identity.id, node);
    const planned: NodeLimit = { device, cores, members, quotaCores, memoryBytes, residuals, shortfalls };
    this.#note(node, planned);
    const {
      members: made,
      cpu,
      memory,
    } = await createCgroup(layout, this.#identity.id, node, {
      cpuCores: quotaCores,
      memoryBytes,
    });
    this.#note(node, { ...planned, members: made, ...(cpu && { cpu }), ...(memory && { memory }) });
  }

  async unlimit(node: string): Promise<void> {
    const { [node]: gone, ...others } = this.#folder.limits();
    if (gone) await removeCgroups(pathsOf(gone.members));
    this.#folder.write("limits.json", others);
  }

  /** A frozen process cannot even be killed. */
  async thawAll(): Promise<void> {
    for (const node of Object.keys(this.#folder.limits())) {
      const group = groupOf(this.#folder, node);
      if (group?.canFreeze && (await group.processes()).length > 0) await group.thaw();
    }
  }

  async removeAll(): Promise<void> {
    for (const { members } of Object.values(this.#folder.limits())) await removeCgroups(pathsOf(members));
  }

  #note(node: string, limit: NodeLimit): void {
    this.#folder.write("limits.json", { ...this.#folder.limits(), [node]: limit });
  }
}

/** The group of a node, if it has one. */
export function groupOf(folder: LabFolder, node: string): Cgroup | undefined {
  const limit = folder.limits()[node];
  return limit && limit.members.length > 0 ? new Cgroup(limit.members) : undefined;
}
