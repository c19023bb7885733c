/** What was asked of one limited node and what this machine could enforce of it. */
import type { Calibration } from "./devices/calibrate.ts";
import type { CgroupMember, Enforcement } from "./devices/cgroup.ts";

/** In limits.json: first with the groups that are about to be made, then with what came of it. */
export type NodeLimit = {
  device: string;
  /** Of the device, that the node may use together. */
  cores: number;
  members: readonly CgroupMember[];
  quotaCores?: number;
  memoryBytes?: number;
  residuals?: Calibration["residuals"];
  /** What the machine is too weak to give. */
  shortfalls?: readonly string[];
  cpu?: Enforcement;
  memory?: Enforcement;
};
