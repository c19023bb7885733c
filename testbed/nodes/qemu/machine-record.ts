/** What a lab's folder holds of one virtual machine: its files, and which process runs it. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bootId, isAlive } from "#testbed/processes.ts";
import type { ArchitectureName } from "./architectures.ts";
import type { Cable } from "./cable.ts";
import type { Accelerator } from "./command-line.ts";

export type MachineRecord = {
  pid: number;
  startTicks: number;
  bootId: string;
  cable: Cable;
  architecture: ArchitectureName;
  accelerator: Accelerator;
  /** Why it is that accelerator. */
  because: string;
  memoryBytes: number;
  cpus: number;
};

export class MachineFolder {
  readonly path: string;

  constructor(labFolder: string, node: string) {
    this.path = join(labFolder, "qemu", node);
  }

  file(name: "disk" | "initrd" | "console.log" | "qemu.log" | "machine.json"): string {
    return join(this.path, name);
  }

  make(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
  }

  record(): MachineRecord | undefined {
    try {
      return JSON.parse(readFileSync(this.file("machine.json"), "utf8")) as MachineRecord;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  write(record: MachineRecord): void {
    const path = this.file("machine.json");
    writeFileSync(`${path}.new`, `${JSON.stringify(record)}\n`);
    renameSync(`${path}.new`, path);
  }

  /** Of the process that runs the machine, if it still does. */
  runningPid(): number | undefined {
    const record = this.record();
    return record && record.bootId === bootId() && isAlive(record) ? record.pid : undefined;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
