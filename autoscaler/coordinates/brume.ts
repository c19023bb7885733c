/**
 * brume's network coordinates: each node keeps its last round trips to each peer with the peer's newest advert, and
 * solves for its own place among them after every measurement. docs/decisions/coordinates.md says why it is so.
 */
import type { Advert, Coordinate, CoordinateAlgorithm, Estimate } from "./algorithm.ts";
import { clockMs, type Errors, type Link, Solver, type Width } from "./brume-solver.ts";
import { OwnMove } from "./own-move.ts";
import { RoundTrips } from "./round-trips.ts";
import { isSoundAdvert, isSoundRtt } from "./sound-input.ts";

const dimensions = 6;
/** What a node knows of its error before it has measured anything. */
const errorAtBirth = 1;
/** How many samples that is worth: few, for the errors of the first are honest ones. */
const birthWeight = 2;
/** Peers beyond so many tell little more, and each costs time at every step. */
const peersMax = 80;
/** Until it has so many samples, and after its path moved, a node takes more care with each of them. */
const settledSamples = 64;
const unsettledSteps = 2;
/** A settled node looks at its own error once in so many samples. */
const errorEvery = 4;
/** From then on a node counts as grown up: what its peers said when they were younger than it now is, is little worth. */
const grownUpSamples = 256;
const youthPower = 3;
/** Errors of adverts below this are alike. */
const errorAlike = 0.3;
/** How far off a peer's place is taken to be, in units of the node's own mean error in ms. */
const slackPerError = 0.5;
/** What a measurement from before the node's own path moved is worth, moved by as much. */
const trustBeforeMove = 0.1;
/** A measurement after the move that differs by less, as a ratio, from what was expected is part of that move. */
const alikeAfterMove = 0.25;
/** In units of the root mean square of the round trips; the more samples, the less is taken for granted. */
const positionWidth = 0.8;
const heightWidth = 0.5;
const widenEvery = 8;
/** Half the width of an 80 % interval, as a logarithm, by the two nodes' mean errors: fitted on measured matrices. */
const intervalPerError = 0.92;

type Peer = Link & { readonly trips: RoundTrips; error: number; samples: number; isBeforeMove: boolean };

class BrumeCoordinate implements Coordinate {
  readonly #place = new Float64Array(dimensions + 1);
  readonly #solver = new Solver(dimensions);
  /** In the order in which they were measured last. */
  readonly #peers = new Map<string, Peer>();
  readonly #ownMove = new OwnMove();
  #errors: Errors = { relative: errorAtBirth, ms: 0 };
  #samples = 0;
  /** As it was last told, until the place changes: it is told far more often than that. */
  #advert: Advert | undefined;

  constructor(random: () => number) {
    // Nodes that all begin on one spot would have no direction to part in.
    for (let at = 0; at < dimensions; at++) this.#place[at] = 2 * random() - 1;
  }

  advert(): Advert {
    this.#advert ??= {
      position: Array.from(this.#place.subarray(0, dimensions)),
      height: this.#place[dimensions]!,
      adjustment: 0,
      error: this.#errors.relative,
      samples: this.#samples,
    };
    return this.#advert;
  }

  observe(name: string, advert: Advert, rttMs: number, _nowMs: number): void {
    if (!isSoundRtt(rttMs) || !isSoundAdvert(advert, dimensions)) return;
    const peer = this.#peers.get(name) ?? newPeer();
    this.#peers.delete(name);
    this.#peers.set(name, peer);
    if (this.#peers.size > peersMax) this.#peers.delete(this.#peers.keys().next().value!);
    takeAdvert(peer, advert);
    this.#take(name, peer, rttMs);
    this.#samples++;
    this.#solve();
  }

  hear(name: string, advert: Advert, _nowMs: number): void {
    const peer = this.#peers.get(name);
    if (peer !== undefined && isSoundAdvert(advert, dimensions)) takeAdvert(peer, advert);
  }

  forget(name: string): void {
    this.#peers.delete(name);
  }

  #take(name: string, peer: Peer, rttMs: number): void {
    const told = this.#toldMs(peer);
    const before = peer.rttMs;
    const heard = peer.trips.add(
      rttMs,
      () =>
        peer.isBeforeMove || this.#ownMove.isUnderWay || Math.abs(rttMs - told) < Math.abs(before - told) / 2,
    );
    peer.rttMs = peer.trips.middleMs;
    const wasBeforeMove = peer.isBeforeMove;
    peer.isBeforeMove = false;
    const surpriseMs = wasBeforeMove ? rttMs - before : heard.byMs;
    const isSurprise = wasBeforeMove ? Math.abs(surpriseMs) > alikeAfterMove * rttMs : heard.is !== "usual";
    const movedMs = this.#ownMove.note(name, isSurprise ? surpriseMs : 0);
    if (movedMs === undefined) return;
    this.#move(movedMs, peer);
    peer.rttMs = rttMs;
  }

  /** Most often it is the node's own access that changed, so that the way to everybody else has changed as much. */
  #move(byMs: number, measured: Peer): void {
    this.#place[dimensions] = Math.max(0, this.#place[dimensions]! + byMs);
    for (const other of this.#peers.values()) {
      if (other === measured) continue;
      other.isBeforeMove = true;
      // No way gets shorter than nothing: one that would has not moved.
      if (other.rttMs + byMs > 0) other.rttMs += byMs;
    }
  }

  #toldMs(peer: Peer): number {
    let square = 0;
    for (let at = 0; at < dimensions; at++) square += (this.#place[at]! - peer.position[at]!) ** 2;
    return Math.sqrt(square) + this.#place[dimensions]! + peer.height;
  }

  #solve(): void {
    const links = [...this.#peers.values()];
    const grown = Math.min(this.#samples, grownUpSamples);
    let best = 0;
    let squares = 0;
    for (const peer of links) {
      const youth = Math.min(1, (peer.samples + 1) / (grown + 1));
      peer.trust = youth ** youthPower / (errorAlike ** 2 + peer.error ** 2);
      if (peer.isBeforeMove) peer.trust *= trustBeforeMove;
      best = Math.max(best, peer.trust);
      squares += peer.rttMs ** 2;
    }
    const typicalMs = (Math.sqrt(squares / links.length) + clockMs) * Math.sqrt(1 + grown / widenEvery);
    for (const peer of links) {
      peer.trust /= best;
    }
    const width: Width = { positionMs: positionWidth * typicalMs, heightMs: heightWidth * typicalMs };
    const isSettled = this.#samples >= settledSamples && !this.#ownMove.isUnderWay;
    const slackMs = () => slackPerError * this.#errors.ms;
    for (let step = isSettled ? 1 : unsettledSteps; step > 0; step--)
      this.#solver.step(this.#place, links, width, slackMs());
    if (!isSettled || this.#samples % errorEvery === 0)
      this.#errors = this.#solver.errors(this.#place, links, width, slackMs(), errorAtBirth, birthWeight);
    this.#advert = undefined;
  }
}

function newPeer(): Peer {
  return {
    position: new Float64Array(dimensions),
    height: 0,
    rttMs: Number.NaN,
    trust: 0,
    trips: new RoundTrips(),
    error: errorAtBirth,
    samples: 0,
    isBeforeMove: false,
  };
}

function takeAdvert(peer: Peer, advert: Advert): void {
  peer.position.set(advert.position);
  peer.height = advert.height;
  peer.error = advert.error;
  peer.samples = advert.samples;
}

export const brume: CoordinateAlgorithm = {
  name: "brume",
  create: (_node, random) => new BrumeCoordinate(random),
  estimate(one, other): Estimate {
    let square = 0;
    for (const [at, position] of one.position.entries()) square += (position - other.position[at]!) ** 2;
    const rttMs = Math.sqrt(square) + one.height + other.height;
    const factor = Math.exp(intervalPerError * Math.sqrt((one.error ** 2 + other.error ** 2) / 2));
    return {
      rttMs,
      lowMs: Math.max(0, (rttMs + clockMs) / factor - clockMs),
      highMs: (rttMs + clockMs) * factor - clockMs,
    };
  },
};
