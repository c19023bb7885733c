/** What a benchmark ran on, for beside its figures. */
import { arch, cpus, loadavg, release, totalmem } from "node:os";

export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly architecture: string;
  readonly kernel: string;
  readonly memoryBytes: number;
  readonly node: string;
  /** Of the last minute, when this was asked: what else ran takes its share of what is measured. */
  readonly load: number;
};

export function machine(): Machine {
  return {
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    architecture: arch(),
    kernel: release(),
    memoryBytes: totalmem(),
    node: process.version,
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

export const machineLine = ({ processor, cores, node, load }: Machine): string =>
  `${processor}, ${cores} cores, Node.js ${node}, load ${load} before`;
