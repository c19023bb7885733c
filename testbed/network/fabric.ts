/** What makes links slow, as the keeper sees it: the wire and netem both satisfy this. */
import type { Network } from "./conditions.ts";
import type { PairCounters } from "./wire/counters.ts";
import type { WireReport } from "./wire/statistics.ts";

export interface Fabric {
  readonly kind: "wire" | "netem";
  /** The node's link is there from now on. */
  attach(node: number): Promise<void>;
  detach(node: number): Promise<void>;
  /** Puts a network in force, and says how many pairs feel something else now. Packets in flight are not lost. */
  apply(network: Network): Promise<number>;
  /** Of a pair that packets have used; undefined where nothing is counted. */
  pairCounters(from: number, to: number): PairCounters | undefined;
  report(): WireReport | undefined;
  end(): Promise<void>;
}
