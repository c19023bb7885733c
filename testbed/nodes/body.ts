/**
 * What a node consists of beside its link, as its lab's keeper handles it: made, crashed, started again, frozen, taken
 * away. One implementation for each kind; the link between the body and the fabric is the keeper's own work.
 */

/** Where the node's end of its link goes. */
export type LinkEnd =
  /** A network namespace of this machine, by an open descriptor; whoever gets it closes it. */
  | { in: "namespace"; fd: number }
  /** Another machine: the far end of a VXLAN tunnel that the body has made there, with the node's address and MAC. */
  | { in: "tunnel"; remote: string; port: number; identifier: number };

export interface Body {
  /** Makes and starts what is not there yet. What an interrupted call left half made is finished or made anew. */
  create(): Promise<LinkEnd>;
  /**
   * After `create`, when the link is whole: whether packets really get through, refused with the reason when not. Says
   * how long a packet is under way between the node and the fabric at the least, one way.
   */
  joined?(): Promise<{ delayMs: number }>;
  /** After `vanish`: the same node again, with nothing running on it. */
  start(): Promise<LinkEnd>;
  /** Every process of the node ends without a goodbye, a frozen one too; its link is already cut. Files stay. */
  vanish(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** The lab's hosts file has changed; absent where the node reads that very file. */
  readNames?(): Promise<void>;
  /**
   * For good, its link cut already: every process ends as by `vanish`, and nothing of the node is left. Where that cannot
   * be, since its machine does not answer, it says so in words for a person, and what is left goes when it can.
   */
  remove(): Promise<string | undefined>;
}
