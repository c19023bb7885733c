/** Where a lab's nodes are plugged in, and the numbers by which the kernel's tables know them. */
import { markBase, numbersEnd } from "./identity.ts";

export type NodePort = {
  node: string;
  /**
   * Stays the node's own while other nodes come and go, below 1,024. The low ten bits of the node's
   * addresses must tell nodes apart as well; numbering nodes as their addresses does (number 1 is the host) gives both.
   */
  number: number;
  /** The interface in the fabric namespace whose other end is the node's. */
  port: string;
  /** The node's own end, in its namespace. */
  nodeEnd: string;
  v4: string;
  v6: string;
};

export type Placement = {
  bridge: string;
  ports: readonly NodePort[];
  /** Plugs the machine that runs brume into the lab, without conditions. */
  host: { port: string; v4: string; v6: string };
  mtuBytes: number;
  /** True when offloads are off and ARP is on at the nodes' own ends already: then nodes need no command for it. */
  nodeEndsReady?: boolean;
};

export function portIndex(placement: Placement): ReadonlyMap<string, NodePort> {
  const index = new Map<string, NodePort>();
  const numbers = new Set<number>();
  for (const port of placement.ports) {
    if (!Number.isInteger(port.number) || port.number < 0 || port.number >= numbersEnd) {
      throw new Error(`node ${port.node} has number ${port.number}; numbers go from 0 to ${numbersEnd - 1}`);
    }
    if (numbers.has(port.number)) throw new Error(`two nodes have number ${port.number}`);
    numbers.add(port.number);
    index.set(port.node, port);
  }
  return index;
}

/** The mark that every packet of the node carries inside the fabric namespace. */
export function markOf(port: NodePort): number {
  return markBase + port.number;
}
