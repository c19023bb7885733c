/** A namespace of this machine as its lab's keeper handles it: it holds nothing but processes, found by their marks. */
import { setTimeout as sleep } from "node:timers/promises";
import { groupOf } from "#testbed/limits.ts";
import { withNewNamespace } from "#testbed/linux/namespace.ts";
import { labMarks } from "#testbed/marks.ts";
import { killAll, labProcesses, type Marks, signal } from "#testbed/processes.ts";
import type { Body, LinkEnd } from "./body.ts";
import type { LabRecord } from "./kind.ts";

export class NetnsBody implements Body {
  readonly #lab: LabRecord;
  readonly #marks: Marks;
  readonly #name: string;
  readonly #number: number;
  #isFrozen = false;

  constructor(lab: LabRecord, name: string, number: number) {
    this.#lab = lab;
    this.#marks = labMarks(lab.identity.id);
    this.#name = name;
    this.#number = number;
  }

  async create(): Promise<LinkEnd> {
    return emptyNamespace();
  }

  start(): Promise<LinkEnd> {
    return this.create();
  }

  async vanish(): Promise<void> {
    if (this.#isFrozen) await this.thaw();
    const gone = await killAll(() => this.#processes(), sleep);
    if (!gone) throw new Error(`some processes of ${this.#name} outlive a kill`);
  }

  /** By the node's own group where it has one; else by signals, twice for what was forked meanwhile. */
  async freeze(): Promise<void> {
    this.#isFrozen = true;
    const group = groupOf(this.#lab.folder, this.#name);
    if (group?.canFreeze) return await group.freeze();
    for (const _round of [1, 2]) for (const pid of this.#processes()) signal(pid, "SIGSTOP");
  }

  async thaw(): Promise<void> {
    const group = groupOf(this.#lab.folder, this.#name);
    if (group?.canFreeze) await group.thaw();
    else for (const pid of this.#processes()) signal(pid, "SIGCONT");
    this.#isFrozen = false;
  }

  /** The keeper's descriptor was all that held it beside them. */
  async remove(): Promise<undefined> {
    await this.vanish();
  }

  #processes(): number[] {
    return labProcesses(this.#marks)
      .filter(({ node }) => node === this.#number)
      .map(({ pid }) => pid);
  }
}

/** With no link and no process yet. */
export function emptyNamespace(): LinkEnd {
  return { in: "namespace", fd: withNewNamespace((fd) => fd) };
}
