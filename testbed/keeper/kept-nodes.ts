/** The nodes of one lab: makes them, takes them away, and does to them what an event or a person asks. */
import type { Fabric } from "#testbed/network/fabric.ts";
import type { Body, LinkEnd } from "#testbed/nodes/body.ts";
import { UserError } from "#testbed/user-error.ts";
import type { MtuRoutes } from "./mtu-routes.ts";
import type { Namespaces } from "./namespaces.ts";
import { type Life, lettingGo, type NodeAct, type NodeDeed, next, running } from "./node-life.ts";
import type { NodeReport } from "./protocol.ts";

export type KeptNodesParts = {
  bodyOf: (name: string, number: number) => Body;
  namespaces: Pick<Namespaces, "join" | "unlink" | "remove" | "isJoined" | "fdOf">;
  fabric: Pick<Fabric, "attach" | "detach">;
  mtuRoutes: Pick<MtuRoutes, "forget">;
};

type Kept = { number: number; life: Life; body: Body; tunnelMs?: number };

/** Without an end: it is part of the lab already. */
export type Made = { body: Body; end?: LinkEnd };

export class KeptNodes {
  readonly #parts: KeptNodesParts;
  readonly #nodes = new Map<string, Kept>();

  constructor(parts: KeptNodesParts) {
    this.#parts = parts;
  }

  numbers(): Map<string, number> {
    return new Map([...this.#nodes].map(([name, { number }]) => [name, number]));
  }

  /** By number: what packets need between the node's machine and this one. */
  tunnelDelays(): Map<number, number> {
    return new Map([...this.#nodes.values()].map(({ number, tunnelMs = 0 }) => [number, tunnelMs] as const));
  }

  keepTunnelDelay(name: string, delayMs: number): void {
    this.#kept(name).tunnelMs = delayMs;
  }

  reports(): NodeReport[] {
    return [...this.#nodes.keys()].map((name) => this.report(name));
  }

  report(name: string): NodeReport {
    const { number, life, tunnelMs } = this.#kept(name);
    const fd = this.#parts.namespaces.fdOf(number);
    const path = fd === undefined ? {} : { namespacePath: `/proc/${process.pid}/fd/${fd}` };
    return { name, number, state: life.state, ...path, ...(tunnelMs !== undefined && { tunnelMs }) };
  }

  /** Throws for a name that no node of this lab has. */
  check(names: Iterable<string>): void {
    for (const name of names) this.#kept(name);
  }

  /** Throws for a node whose routes, by which a pair's MTU is felt, are another machine's. */
  checkRoutes(names: Iterable<string>): void {
    for (const name of names) {
      const { number, life } = this.#kept(name);
      if (life.state === "down" || this.#parts.namespaces.fdOf(number) !== undefined) continue;
      const what = `${name}: an MTU of a pair is kept by the sender's routes, and this node is on another machine`;
      throw new UserError("mtu-on-other-machine", what, "leave the mtu out, or give the whole lab one", 2);
    }
  }

  #kept(name: string): Kept {
    const kept = this.#nodes.get(name);
    if (kept) return kept;
    const what = `${name}: this lab has no such node; it has ${[...this.#nodes.keys()].join(", ")}`;
    throw new UserError("no-such-node", what, "", 2);
  }

  /** The body of a node that is not there yet; may take long, and the lab goes on meanwhile. */
  async make(name: string, number: number): Promise<Made> {
    const body = this.#nodes.get(name)?.body ?? this.#parts.bodyOf(name, number);
    return this.#parts.namespaces.isJoined(number) ? { body } : { body, end: await body.create() };
  }

  /** What a killed provisioning left half made is finished; a node that is there is left as it is. */
  async add(name: string, number: number, { body, end }: Made): Promise<NodeReport> {
    if (end) this.#parts.namespaces.join(number, end);
    await this.#parts.fabric.attach(number);
    const kept = end ? undefined : this.#nodes.get(name);
    this.#nodes.set(name, kept ?? { number, life: running, body });
    return this.report(name);
  }

  /** Of a keeper before this one too. It is cut off and forgotten; what this returns takes its body away. */
  async takeOut(name: string, number: number): Promise<() => Promise<string | undefined>> {
    const body = this.#nodes.get(name)?.body ?? this.#parts.bodyOf(name, number);
    await this.#cut(number);
    this.#parts.namespaces.remove(number);
    this.#nodes.delete(name);
    return () => body.remove();
  }

  async readNames(): Promise<void> {
    await Promise.all(
      [...this.#nodes.values()].map(({ life, body }) => life.state !== "down" && body.readNames?.()),
    );
  }

  async perform(deed: NodeDeed): Promise<NodeReport> {
    const kept = this.#kept(deed.node);
    const { life, act } = next(kept.life, deed);
    if (act) await this.#act(kept, act);
    kept.life = life;
    return this.report(deed.node);
  }

  /** The deeds that take these holds away from every node. */
  lettingGo(whose: (hold: string) => boolean): NodeDeed[] {
    return [...this.#nodes].flatMap(([name, { life }]) => lettingGo(name, life, whose));
  }

  async #act({ number, body }: Kept, act: NodeAct): Promise<void> {
    switch (act) {
      case "crash":
        return await this.#vanish(number, body);
      case "start":
        this.#parts.namespaces.join(number, await body.start());
        return await this.#parts.fabric.attach(number);
      case "pause":
        return await body.freeze();
      case "resume":
        return await body.thaw();
      default:
        throw new Error(`unknown act ${act satisfies never}`);
    }
  }

  /** The link first, then the processes: peers hear silence, as from a machine that lost its power. */
  async #vanish(number: number, body: Body): Promise<void> {
    await this.#cut(number);
    await body.vanish();
    this.#parts.namespaces.remove(number);
  }

  async #cut(number: number): Promise<void> {
    await this.#parts.fabric.detach(number);
    this.#parts.namespaces.unlink(number);
    this.#parts.mtuRoutes.forget(number);
  }
}
