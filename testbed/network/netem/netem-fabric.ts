/** The kernel's netem behind the fabric's interface: keeps what is in force, and runs the commands that differ. */
import { addressesOf } from "#testbed/hosts-file.ts";
import { hostNumber, nodeNumber, type Subnet } from "#testbed/network/addresses.ts";
import { changedPairs } from "#testbed/network/compile.ts";
import type { Network } from "#testbed/network/conditions.ts";
import type { Fabric } from "#testbed/network/fabric.ts";
import { restrictNetwork } from "#testbed/network/restrict.ts";
import { netemCommands, netemTables, netemUpdate } from "./commands.ts";
import { applyNetem, writeTables } from "./fabric.ts";
import type { Placement } from "./placement.ts";
import { runInNamespaceOf } from "./run-command.ts";

export type NetemFabricSettings = {
  subnet: Subnet;
  mtuBytes: number;
  tablesFolder: string;
  /** The file of a node's network namespace, or of the one that holds the outer ends of all links. */
  namespacePath: (place: number | "fabric") => string;
};

export class NetemFabric implements Fabric {
  readonly kind = "netem";
  readonly #settings: NetemFabricSettings;
  readonly #attached = new Set<number>();
  /** What was asked for last, of all nodes. */
  #wanted: Network | undefined;
  /** What the kernel has, of the nodes that are attached. */
  #inForce: Network | undefined;

  constructor(settings: NetemFabricSettings) {
    this.#settings = settings;
  }

  /** A node that is not part of the network yet gets its conditions when they are applied. */
  async attach(node: number): Promise<void> {
    this.#attached.add(node);
    if (this.#wanted && node < this.#wanted.nodes.length) await this.#settle(this.#wanted);
  }

  async detach(node: number): Promise<void> {
    this.#attached.delete(node);
    if (this.#wanted && this.#inForce) await this.#settle(this.#wanted);
  }

  async apply(network: Network): Promise<number> {
    const before = this.#wanted;
    await this.#settle(network);
    this.#wanted = network;
    return before ? changedPairs(before, network).length : network.pairs.length - network.nodes.length;
  }

  pairCounters(): undefined {
    return undefined;
  }

  report(): undefined {
    return undefined;
  }

  /** All of it stands in namespaces that go with the keeper. */
  async end(): Promise<void> {}

  async #settle(network: Network): Promise<void> {
    const present = [...this.#attached].filter((node) => node < network.nodes.length).sort((a, b) => a - b);
    const part = restrictNetwork(network, present);
    const placement = this.#placement(part, present);
    const commands = this.#inForce
      ? netemUpdate(this.#inForce, part, this.#withGone(placement))
      : netemCommands(part, placement);
    await writeTables(netemTables(part), this.#settings.tablesFolder);
    const numbers = new Map(part.nodes.map((name, index) => [name, present[index]!]));
    const run = runInNamespaceOf((where) =>
      this.#settings.namespacePath(where === "fabric" ? where : numbers.get(where.node)!),
    );
    await applyNetem(commands, run, this.#settings.tablesFolder);
    this.#inForce = part;
    this.#numbers = numbers;
  }

  /** Names of the nodes in force → their numbers: an update speaks of those that leave as well. */
  #numbers = new Map<string, number>();

  #placement(part: Network, present: readonly number[]): Placement {
    const host = addressesOf(this.#settings.subnet, hostNumber);
    return {
      bridge: "bridge",
      ports: part.nodes.map((node, index) => this.#port(node, present[index]!)),
      host: { port: "host", ...host },
      mtuBytes: this.#settings.mtuBytes,
      nodeEndsReady: true,
    };
  }

  #withGone(placement: Placement): Placement {
    const known = new Set(placement.ports.map(({ node }) => node));
    const gone = [...this.#numbers]
      .filter(([name]) => !known.has(name))
      .map(([name, node]) => this.#port(name, node));
    return { ...placement, ports: [...placement.ports, ...gone] };
  }

  #port(node: string, number: number): Placement["ports"][number] {
    const addresses = addressesOf(this.#settings.subnet, nodeNumber(number));
    return { node, number: nodeNumber(number), port: `n${number}`, nodeEnd: "eth0", ...addresses };
  }
}
