/** The machine that brume runs on, written as a device class: what a real Pi says of itself. */
import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { stringify } from "yaml";
import type { DeviceClass } from "./device-class.ts";
import { kernelNames, kernelsRevision, kernelUnits, type Scores } from "./kernels.ts";

export type MachineFacts = {
  /** Of the device tree, such as "Raspberry Pi 4 Model B Rev 1.4"; absent on machines without one. */
  model?: string;
  cpu: string;
  cores: number;
  /** Absent where the machine does not say. */
  clockMHz?: number;
  memoryBytes: number;
  runtime: string;
};

export async function machineFacts(): Promise<MachineFacts> {
  const model = await textOf("/proc/device-tree/model");
  // The governor may have the cores asleep now; the file of the highest clock is not everywhere.
  const highestKHz = await textOf("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq");
  const [first] = cpus();
  const clockMHz = highestKHz ? Number(highestKHz) / 1000 : first?.speed;
  return {
    ...(model && { model }),
    cpu: first?.model.trim() || process.arch,
    cores: availableParallelism(),
    ...(clockMHz && { clockMHz }),
    memoryBytes: totalmem(),
    runtime: `Node.js ${process.version}, ${process.arch}`,
  };
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    // The device tree ends its strings with a zero byte.
    return (await readFile(path, "utf8")).replaceAll("\0", "").trim() || undefined;
  } catch {
    return undefined;
  }
}

export function isRaspberryPi(facts: MachineFacts): boolean {
  return facts.model?.startsWith("Raspberry Pi") ?? false;
}

/** pi3b, pi4b, pi5 for the boards that have a shipped class; otherwise a name made of the model's words. */
export function classNameOf(facts: MachineFacts): string {
  const model = facts.model ?? facts.cpu;
  const known = /^Raspberry Pi (?:(3|4) Model (B)|(5))/.exec(model);
  if (known) return `pi${known[1] ?? known[3]}${(known[2] ?? "").toLowerCase()}`;
  const words = model.toLowerCase().match(/[a-z0-9]+/g) ?? ["machine"];
  return `m-${words.slice(0, 4).join("-")}`;
}

export function describeMachine(name: string, facts: MachineFacts, scores: Scores): DeviceClass {
  const told = `told by the machine itself (${facts.model ?? facts.cpu})`;
  const measured = `./brume bench device on ${facts.model ?? facts.cpu}, ${facts.runtime}`;
  const kernels = Object.fromEntries(
    kernelNames.map((kernel) => [
      kernel,
      {
        score: Number(scores[kernel].toPrecision(4)),
        unit: kernelUnits[kernel],
        basis: "measured",
        source: measured,
      },
    ]),
  ) as DeviceClass["kernels"];
  return {
    name,
    title: facts.model ?? facts.cpu,
    cores: { value: facts.cores, source: told },
    ...(facts.clockMHz !== undefined && { clockMHz: { value: Math.round(facts.clockMHz), source: told } }),
    memoryMiB: { value: Math.floor(facts.memoryBytes / 2 ** 20), source: told },
    kernelsRevision,
    kernels,
  };
}

export function deviceClassYaml(described: DeviceClass): string {
  return stringify(described, { lineWidth: 110 });
}
