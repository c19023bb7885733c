/** The nodes of one lab: makes them, takes them away, and does to them what an event or a person asks. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LabFolder } from "#testbed/lab.ts";
import { groupOf } from "#testbed/limits.ts";
import type { Fabric } from "#testbed/network/fabric.ts";
import { killAll, labProcesses, type Marks, signal } from "#testbed/processes.ts";
import { UserError } from "#testbed/user-error.ts";
import type { MtuRoutes } from "./mtu-routes.ts";
import type { Namespaces } from "./namespaces.ts";
import { type Life, lettingGo, type NodeAct, type NodeDeed, next, running } from "./node-life.ts";
import type { NodeReport } from "./protocol.ts";

export type KeptNodesParts = {
  folder: LabFolder;
  marks: Marks;
  namespaces: Pick<Namespaces, "create" | "unlink" | "remove" | "fdOf">;
  fabric: Pick<Fabric, "attach" | "detach">;
  mtuRoutes: Pick<MtuRoutes, "forget">;
};

type Kept = { number: number; life: Life };

export class KeptNodes {
  readonly #parts: KeptNodesParts;
  readonly #nodes = new Map<string, Kept>();

  constructor(parts: KeptNodesParts) {
    this.#parts = parts;
  }

  numbers(): Map<string, number> {
    return new Map([...this.#nodes].map(([name, { number }]) => [name, number]));
  }

  reports(): NodeReport[] {
    return [...this.#nodes.keys()].map((name) => this.report(name));
  }

  report(name: string): NodeReport {
    const { number, life } = this.#kept(name);
    const fd = this.#parts.namespaces.fdOf(number);
    const path = fd === undefined ? {} : { namespacePath: `/proc/${process.pid}/fd/${fd}` };
    return { name, number, state: life.state, ...path };
  }

  /** Throws for a name that no node of this lab has. */
  check(names: Iterable<string>): void {
    for (const name of names) this.#kept(name);
  }

  #kept(name: string): Kept {
    const kept = this.#nodes.get(name);
    if (kept) return kept;
    const what = `${name}: this lab has no such node; it has ${[...this.#nodes.keys()].join(", ")}`;
    throw new UserError("no-such-node", what, "", 2);
  }

  /** What a killed provisioning left half made is finished; a node that is there is left as it is. */
  async create(name: string, number: number): Promise<NodeReport> {
    const there = this.#parts.namespaces.fdOf(number) !== undefined;
    if (!there) this.#parts.namespaces.create(number);
    await this.#parts.fabric.attach(number);
    const kept = there ? this.#nodes.get(name) : undefined;
    this.#nodes.set(name, kept ?? { number, life: running });
    return this.report(name);
  }

  async remove(name: string, number: number): Promise<void> {
    await this.#vanish(name, number);
    this.#nodes.delete(name);
  }

  async perform(deed: NodeDeed): Promise<NodeReport> {
    const kept = this.#kept(deed.node);
    const { life, act } = next(kept.life, deed);
    if (act) await this.#act(deed.node, kept.number, act);
    kept.life = life;
    return this.report(deed.node);
  }

  /** The deeds that take these holds away from every node. */
  lettingGo(whose: (hold: string) => boolean): NodeDeed[] {
    return [...this.#nodes].flatMap(([name, { life }]) => lettingGo(name, life, whose));
  }

  async #act(name: string, number: number, act: NodeAct): Promise<void> {
    switch (act) {
      case "crash":
        return await this.#vanish(name, number);
      case "start":
        this.#parts.namespaces.create(number);
        return await this.#parts.fabric.attach(number);
      case "pause":
        return await this.#freeze(name, number);
      case "resume":
        return await this.#thaw(name, number);
      default:
        throw new Error(`unknown act ${act satisfies never}`);
    }
  }

  /** The link first, then the processes: peers hear silence, as from a machine that lost its power. */
  async #vanish(name: string, number: number): Promise<void> {
    await this.#parts.fabric.detach(number);
    this.#parts.namespaces.unlink(number);
    this.#parts.mtuRoutes.forget(number);
    // What is frozen cannot even be killed.
    if (this.#nodes.get(name)?.life.state === "paused") await this.#thaw(name, number);
    const gone = await killAll(() => this.#processes(number), sleep);
    if (!gone) throw new Error(`some processes of ${name} outlive a kill`);
    this.#parts.namespaces.remove(number);
  }

  #processes(number: number): number[] {
    return labProcesses(this.#parts.marks)
      .filter(({ node }) => node === number)
      .map(({ pid }) => pid);
  }

  /** By the node's own group where it has one; else by signals, twice for what was forked meanwhile. */
  async #freeze(name: string, number: number): Promise<void> {
    const group = groupOf(this.#parts.folder, name);
    if (group?.canFreeze) return await group.freeze();
    for (const _round of [1, 2]) for (const pid of this.#processes(number)) signal(pid, "SIGSTOP");
  }

  async #thaw(name: string, number: number): Promise<void> {
    const group = groupOf(this.#parts.folder, name);
    if (group?.canFreeze) return await group.thaw();
    for (const pid of this.#processes(number)) signal(pid, "SIGCONT");
  }
}
