/**
 * What every coordinate algorithm can do: learn from round-trip times that one node measured, tell them of pairs that
 * nobody measured. One instance is one node's own state; what it knows of others came to it with their answers.
 */

/** What a node tells of itself to others: small, plain JSON, the algorithm's own business but for its error. */
export type Advert = {
  readonly position: readonly number[];
  readonly height: number;
  /** Added to an estimate; negative too. */
  readonly adjustment: number;
  /** Relative error that the node expects of its estimates, from 0 to about 1.5; more means less trust. */
  readonly error: number;
  /** Round trips that the node has learnt from: what a young one says will change. */
  readonly samples: number;
};

export type Estimate = {
  readonly rttMs: number;
  /** Where the truth lies in about 80 of 100 cases. */
  readonly lowMs: number;
  readonly highMs: number;
};

export interface Coordinate {
  /** What others are to know of this node now. */
  advert(): Advert;
  /** A round trip to a peer was measured; the peer's answer carried its advert. Nonsense is refused and changes nothing. */
  observe(peer: string, peerAdvert: Advert, rttMs: number, nowMs: number): void;
  /** A newer advert of a peer came, with its own probe or through somebody else; for algorithms that can use it. */
  hear?(peer: string, peerAdvert: Advert, nowMs: number): void;
  /** A peer has left: what was learnt with its help may stay, it itself is not asked for any more. */
  forget(peer: string): void;
}

export interface CoordinateAlgorithm {
  readonly name: string;
  /** `random` draws from 0 to 1; the same seed makes the same coordinates. */
  create(node: string, random: () => number): Coordinate;
  /** Between two nodes, by their adverts alone. */
  estimate(one: Advert, other: Advert): Estimate;
}
