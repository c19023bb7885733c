/** A lab's folder and what stands in it: who it is, its journal, its topology, its keeper. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fold, type Owned, readJournal } from "./journal.ts";
import type { NodeLimit } from "./node-limit.ts";
import { labFolder, stateFolder } from "./state-folder.ts";
import type { NodeSpec, Topology } from "./topology/topology.ts";
import { UserError } from "./user-error.ts";

/** Written once when the lab is founded; everything that the lab will be called on this machine follows from it. */
export type Identity = {
  name: string;
  /** Random, so that two labs of one name in time are not taken for each other. */
  id: string;
  createdAt: string;
  /** A boot ends every process and interface of a lab; what the record says of them is then history. */
  bootId: string;
  rootless: boolean;
  subnet: { network: number; prefix: number };
  ipv6: boolean;
  /** The machine's own end of the path to its nodes. */
  hostInterface: string;
};

export type KeeperMark = { pid: number; startTicks: number };

export class LabFolder {
  readonly path: string;
  readonly name: string;

  constructor(name: string, root = stateFolder()) {
    this.name = name;
    this.path = labFolder(name, root);
  }

  file(
    name:
      | "lab.json"
      | "journal.jsonl"
      | "topology.json"
      | "keeper.json"
      | "keeper.log"
      | "hosts"
      | "events.jsonl"
      | "verify.json"
      | "lock"
      | "limits.json",
  ): string {
    return join(this.path, name);
  }

  exists(): boolean {
    return existsSync(this.path);
  }

  /** Undefined: founded but killed before it knew who it is, so it made nothing yet. */
  identity(): Identity | undefined {
    return readJson<Identity>(this.file("lab.json"));
  }

  owned(): Owned {
    return fold(readJournal(this.file("journal.jsonl")));
  }

  topology(): Topology | undefined {
    return readJson<Topology>(this.file("topology.json"));
  }

  /** Of a node that the topology names, or one that was made when it did. */
  nodeSpec(name: string): NodeSpec | undefined {
    const recorded = this.owned().nodes.get(name)?.spec;
    return recorded ?? this.topology()?.nodes.find((node) => node.name === name);
  }

  keeperMark(): KeeperMark | undefined {
    return readJson<KeeperMark>(this.file("keeper.json"));
  }

  /** What was asked of each limited node and what this machine could enforce of it. */
  limits(): Record<string, NodeLimit> {
    return readJson<Record<string, NodeLimit>>(this.file("limits.json")) ?? {};
  }

  write(name: Parameters<LabFolder["file"]>[0], value: unknown): void {
    // After a power cut everything else is history, but destroy must still learn whose record this is.
    writeJson(this.file(name), value, name === "lab.json");
  }

  forget(name: Parameters<LabFolder["file"]>[0]): void {
    rmSync(this.file(name), { force: true });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export function createFolder(folder: LabFolder): void {
  mkdirSync(folder.path, { recursive: true, mode: 0o755 });
}

export function newLabId(): string {
  return randomBytes(6).toString("hex");
}

export function labNames(root = stateFolder()): string[] {
  const folder = join(root, "labs");
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

/** The lab that a person means: by name, or the only one there is. */
export function chooseLab(name: string | undefined, root = stateFolder()): LabFolder {
  const names = labNames(root);
  const known =
    names.length === 0
      ? "there is none; start one with ./brume provision FILE"
      : `labs here: ${names.join(", ")}`;
  if (name !== undefined) {
    if (!names.includes(name)) throw new UserError("no-such-lab", `${name}: there is no such lab`, known, 2);
    return new LabFolder(name, root);
  }
  if (names.length !== 1) throw new UserError("which-lab", "say which lab", known, 2);
  return new LabFolder(names[0]!, root);
}

function readJson<Value>(path: string): Value | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Value;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** By rename, so that a reader sees the old file or the new one and never half of one. */
function writeJson(path: string, value: unknown, flush: boolean): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value)}\n`, { flush });
  renameSync(`${path}.new`, path);
}
