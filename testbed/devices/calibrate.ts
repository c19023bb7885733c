/**
 * How much of this machine makes a device: the CPU quota under which its cores do what the device's cores do.
 * Pure: scores in, quota and its errors out.
 */
import { type KernelName, kernelNames, type Scores } from "./kernels.ts";

export type Device = { name: string; cores: number; memoryBytes: number; scores: Scores };
export type Machine = {
  cores: number;
  memoryBytes: number;
  scores: Scores;
  /** Its scores are those of a core that it emulates. */
  emulates?: boolean;
};

export type Calibration = {
  /** Cores of this machine that do the work of one core of the device: geometric mean over the kernels. */
  coreRatio: number;
  /** The whole node's quota: `coreRatio` × the device's cores, and no more than this machine has. */
  quotaCores: number;
  memoryBytes: number;
  /** Per kernel: speed of `coreRatio` cores here against the device's core, minus 1. One quota cannot fit all four. */
  residuals: Readonly<Record<KernelName, number>>;
  /** What this machine cannot give, in words for the record; empty when everything fits. */
  shortfalls: readonly string[];
};

export function calibrate(machine: Machine, device: Device): Calibration {
  const ratios = kernelNames.map((name) => device.scores[name] / machine.scores[name]);
  const coreRatio = geometricMean(ratios);
  const wantedCores = coreRatio * device.cores;
  const residuals = Object.fromEntries(
    kernelNames.map((name) => [name, (machine.scores[name] * coreRatio) / device.scores[name] - 1]),
  ) as Record<KernelName, number>;
  const shortfalls: string[] = [];
  if (coreRatio > 1) {
    shortfalls.push(
      `one core of this machine${machine.emulates ? ", which emulates it," : ""} has ${percent(1 / coreRatio)} of the speed of a core of a ${device.name}: ` +
        "a single thread runs slower than on the device",
    );
  }
  if (wantedCores > machine.cores) {
    shortfalls.push(
      `a ${device.name} needs ${wantedCores.toFixed(2)} cores of this machine, which has ${machine.cores}: ` +
        `all cores together reach ${percent(machine.cores / wantedCores)} of the device`,
    );
  }
  if (device.memoryBytes > machine.memoryBytes) {
    shortfalls.push(
      `a ${device.name} has ${mebibytes(device.memoryBytes)} of memory, this machine ${mebibytes(machine.memoryBytes)}`,
    );
  }
  return {
    coreRatio,
    quotaCores: Math.min(wantedCores, machine.cores),
    memoryBytes: device.memoryBytes,
    residuals,
    shortfalls,
  };
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
