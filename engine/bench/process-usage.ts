/** What a process of this machine has used, as the kernel counts it. */
import { readFileSync } from "node:fs";

export type ProcessUsage = {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  readonly peakRssBytes: number;
};

/** Linux counts processor time in hundredths of a second for programs, whatever its own clock. */
const ticksPerSecond = 100;

export function processUsage(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const bytesOf = (name: string) =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
  return { cpuSeconds: ticks / ticksPerSecond, rssBytes: bytesOf("VmRSS"), peakRssBytes: bytesOf("VmHWM") };
}
