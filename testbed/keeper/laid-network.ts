/**
 * The topology's network with the impairments in force on top. It is prepared when provisioning says so and not when
 * an event falls due: then it is quick, and no event meets a topology whose nodes are only half there.
 */
import { endNodes, prepareNetwork } from "#testbed/network/compile.ts";
import type { Network } from "#testbed/network/conditions.ts";
import type { Topology } from "#testbed/topology/topology.ts";
import type { Impairments } from "./impairments.ts";
import { inOrderOfNumbers } from "./node-order.ts";

type Prepared = { nodes: readonly string[]; lay: ReturnType<typeof prepareNetwork> };

export class LaidNetwork {
  readonly #topology: () => Topology;
  readonly #numbers: () => ReadonlyMap<string, number>;
  readonly #impairments: Impairments;
  #prepared: Prepared | undefined;

  constructor(
    topology: () => Topology,
    numbers: () => ReadonlyMap<string, number>,
    impairments: Impairments,
  ) {
    this.#topology = topology;
    this.#numbers = numbers;
    this.#impairments = impairments;
  }

  /** Takes the topology as it now is, and the nodes that it now has. */
  prepare(): void {
    const ordered = inOrderOfNumbers(this.#topology(), this.#numbers());
    this.#prepared = { nodes: endNodes(ordered), lay: prepareNetwork(ordered) };
  }

  get nodes(): readonly string[] {
    return this.#ready().nodes;
  }

  now(): Network {
    const { nodes, lay } = this.#ready();
    return lay(this.#impairments.rules(nodes));
  }

  #ready(): Prepared {
    if (!this.#prepared) this.prepare();
    return this.#prepared!;
  }
}
