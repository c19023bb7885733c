/** What agents have to say of the network since they last did, in the shape of the lines of network.jsonl. */
import type { PairFigures } from "#autoscaler/coordinates/agent-beliefs.ts";
import type { Move } from "#autoscaler/coordinates/agent-moved.ts";
import type { Advert } from "#autoscaler/coordinates/algorithm.ts";
import type { Cost } from "./agents-protocol.ts";

export type NetworkReport = {
  readonly nodes: Readonly<Record<string, Advert>>;
  /** Those that were measured, with what had been estimated. */
  readonly pairs: readonly PairFigures[];
  readonly moves: readonly (Move & { readonly node: string })[];
  /** Of all processes together, so far. */
  readonly cost: Cost;
};
