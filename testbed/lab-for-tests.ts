/** A lab for one test file: provisioned from a text in a state folder of its own, and gone afterwards. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { destroy } from "./destroy.ts";
import { LabFolder } from "./lab.ts";
import { Lab } from "./open-lab.ts";
import { isAlive, signal } from "./processes.ts";
import { type Provisioned, provision } from "./provision.ts";
import { parseTopology } from "./topology/load.ts";

export class TestLabs {
  readonly root = mkdtempSync(join(tmpdir(), "brume-test-"));
  readonly #open: Lab[] = [];

  async provision(yaml: string): Promise<Provisioned & { notes: readonly string[] }> {
    const notes: string[] = [];
    const topology = parseTopology(yaml, "test.yaml", () => "");
    const provisioned = await provision(topology, { root: this.root, tell: (note) => notes.push(note) });
    return { ...provisioned, notes };
  }

  async open(yaml: string): Promise<Lab> {
    const { folder } = await this.provision(yaml);
    return this.adopt(folder.name);
  }

  /** A lab that was provisioned without being opened, or provisioned again. */
  adopt(name: string): Lab {
    const lab = new Lab(new LabFolder(name, this.root));
    this.#open.push(lab);
    return lab;
  }

  has(name: string): boolean {
    return new LabFolder(name, this.root).exists();
  }

  /** Resolves when it is gone, and a provisioning will not take it for alive. */
  async killKeeper(name: string): Promise<void> {
    const mark = new LabFolder(name, this.root).keeperMark()!;
    signal(mark.pid, "SIGKILL");
    while (isAlive(mark)) await sleep(10);
  }

  async destroy(name: string): Promise<void> {
    const folder = new LabFolder(name, this.root);
    if (folder.exists()) await destroy(folder, this.root);
  }

  async end(): Promise<void> {
    for (const lab of this.#open) {
      lab.close();
      await this.destroy(lab.folder.name);
    }
    rmSync(this.root, { recursive: true, force: true });
  }
}
