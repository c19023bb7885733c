/**
 * The topology's network with the impairments in force on top. It is prepared when provisioning says so and not when
 * an event falls due: then it is quick, and no event meets a topology whose nodes are only half there.
 */
import { endNodes, prepareNetwork } from "#testbed/network/compile.ts";
import type { Network } from "#testbed/network/conditions.ts";
import { lessTunnelDelays, type TunnelDelays } from "#testbed/network/tunnel-delays.ts";
import type { Topology } from "#testbed/topology/topology.ts";
import type { Impairments } from "./impairments.ts";
import { inOrderOfNumbers } from "./node-order.ts";

type Prepared = { nodes: readonly string[]; lay: ReturnType<typeof prepareNetwork> };

export class LaidNetwork {
  readonly #topology: () => Topology;
  readonly #numbers: () => ReadonlyMap<string, number>;
  readonly #tunnelDelays: () => TunnelDelays;
  readonly #impairments: Impairments;
  #size: number;
  #prepared: Prepared | undefined;

  /** `size`: how many nodes the fabric began with. */
  constructor(
    topology: () => Topology,
    numbers: () => ReadonlyMap<string, number>,
    tunnelDelays: () => TunnelDelays,
    impairments: Impairments,
    size: number,
  ) {
    this.#size = size;
    this.#topology = topology;
    this.#numbers = numbers;
    this.#tunnelDelays = tunnelDelays;
    this.#impairments = impairments;
  }

  /** Takes the topology as it now is, and the nodes that it now has. */
  prepare(): void {
    const numbers = this.#numbers();
    this.#size = Math.max(this.#size, ...[...numbers.values()].map((number) => number + 1));
    const ordered = inOrderOfNumbers(this.#topology(), numbers, this.#size);
    this.#prepared = { nodes: endNodes(ordered), lay: prepareNetwork(ordered) };
  }

  get nodes(): readonly string[] {
    return this.#ready().nodes;
  }

  now(): Network {
    const { nodes, lay } = this.#ready();
    return lessTunnelDelays(lay(this.#impairments.rules(nodes)), this.#tunnelDelays());
  }

  #ready(): Prepared {
    if (!this.#prepared) this.prepare();
    return this.#prepared!;
  }
}
