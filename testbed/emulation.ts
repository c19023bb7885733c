/** Which nodes of a lab run on an emulated processor, and how much slower than this machine: part of the lab's record. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Scores } from "./devices/kernels.ts";
import type { LabFolder } from "./lab.ts";

export type Emulation = {
  architecture: string;
  by: "kvm" | "tcg" | "qemu-user";
  /** Why it is that and nothing faster. */
  because: string;
  /** How many times longer a core takes for each kernel than one of this machine. */
  slowdown: Scores;
};

const fileOf = (folder: Pick<LabFolder, "path">) => join(folder.path, "emulation.json");

export function emulations(folder: Pick<LabFolder, "path">): Record<string, Emulation> {
  try {
    return JSON.parse(readFileSync(fileOf(folder), "utf8")) as Record<string, Emulation>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

/** The keeper alone writes, so that reading and writing it are not parted. */
export function recordEmulation(
  folder: Pick<LabFolder, "path">,
  node: string,
  emulation: Emulation | undefined,
): void {
  const { [node]: _before, ...others } = emulations(folder);
  const path = fileOf(folder);
  writeFileSync(`${path}.new`, `${JSON.stringify(emulation ? { ...others, [node]: emulation } : others)}\n`);
  renameSync(`${path}.new`, path);
}
