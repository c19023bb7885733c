/** What brume has to know of a kind of node to provision it, keep it, reach it and clear it away. */
import type { KeeperClient } from "#testbed/keeper/client.ts";
import type { Identity, LabFolder } from "#testbed/lab.ts";
import type { NodeSpec, Topology } from "#testbed/topology/topology.ts";
import type { Body } from "./body.ts";
import type { Node } from "./node.ts";

/** A lab as its record tells it. */
export type LabRecord = { folder: LabFolder; identity: Identity };

export type OpenLab = LabRecord & { keeper: KeeperClient };

export interface Kind {
  /**
   * Why such nodes cannot be had here as the topology asks, as a UserError; before anything is started. It may look at
   * this machine, and asks nothing of others. `rootless`: the lab would be an ordinary user's.
   */
  check(topology: Topology, nodes: readonly NodeSpec[], rootless: boolean): Promise<void>;
  /** For whoever works on a running lab. It connects to nothing before it is asked for something. */
  node(lab: OpenLab, spec: NodeSpec, number: number): Node;
  /** For the lab's keeper. `arp`: whether the node has to ask who has an address. */
  body(lab: LabRecord, spec: NodeSpec, number: number, link: { arp: boolean }): Body;
  /**
   * Takes away all that is left of the lab's nodes of this kind when its keeper is gone, and says how many processes or
   * machines it ended. Asked for every lab that has, or had, such nodes; what is gone already is no error.
   */
  clear(lab: LabRecord, nodes: readonly { spec: NodeSpec; number: number }[]): Promise<number>;
  /** Lets go of the connections that nodes of the lab use, so that a command of brume can end. */
  close?(labId: string): void;
}
