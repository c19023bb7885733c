/** What brume has to know of a kind of node to provision it, keep it, reach it and clear it away. */
import type { Scores } from "#testbed/devices/kernels.ts";
import type { KeeperClient } from "#testbed/keeper/client.ts";
import type { Identity, LabFolder } from "#testbed/lab.ts";
import type { NodeSpec, Topology } from "#testbed/topology/topology.ts";
import type { Body } from "./body.ts";
import type { Node } from "./node.ts";
import type { Secrets } from "./ssh/secrets.ts";

/** A lab as its record tells it; `secrets` is who knows the passwords of its machines, where somebody does. */
export type LabRecord = { folder: LabFolder; identity: Identity; secrets?: Secrets };

export type OpenLab = LabRecord & { keeper: KeeperClient };

export type Placed = { spec: NodeSpec; number: number };

export interface Kind {
  /**
   * Why such nodes cannot be had here as the topology asks, as a UserError; before anything is started. It may look at
   * this machine, and asks nothing of others but of a container engine. `rootless`: the lab would be an ordinary user's.
   */
  check(topology: Topology, nodes: readonly NodeSpec[], rootless: boolean): Promise<void>;
  /** With what the environment says of where such nodes stand; the same again for what it gave before. */
  placed?(topology: Topology): Promise<Topology>;
  /** What a core reaches for such a node, where that is not what this machine's own programs reach on it. */
  coreScores?(spec: NodeSpec): Promise<Scores | undefined>;
  /** The same for whoever only looks; `unmeasured` where the first such node to be made is waited for. */
  keptCoreScores?(spec: NodeSpec): Scores | "unmeasured" | undefined;
  /** For whoever works on a running lab. It connects to nothing before it is asked for something. */
  node(lab: OpenLab, spec: NodeSpec, number: number): Node;
  /** For the lab's keeper. `arp`: whether the node has to ask who has an address. */
  body(lab: LabRecord, spec: NodeSpec, number: number, link: { arp: boolean }): Body;
  /**
   * Takes away all that is left of the lab's nodes of this kind when its keeper is gone, and says how many processes or
   * machines it ended. Asked for every lab that has, or had, such nodes; what is gone already is no error. `tell` is for
   * what a person should know of what could not be cleared.
   */
  clear(lab: LabRecord, nodes: readonly Placed[], tell: (note: string) => void): Promise<number>;
  /** Nodes that were taken out of the lab while their machine did not answer, so that something of them may still be there. */
  left?(lab: LabRecord): readonly Placed[];
  /** Lets go of the connections that nodes of the lab use, so that a command of brume can end. */
  close?(labId: string): void;
}
