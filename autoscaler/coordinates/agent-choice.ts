/**
 * Whom an agent probes next: who surprised, to know whether it was a spike; then who was never measured; else its
 * neighbours in turn, with a look at somebody else, or at somebody who fell silent, every few turns.
 */
import { isSilent, type Known, type KnownNodes } from "./agent-known.ts";

/** A spike's queue has drained by then. */
const confirmGapMs = 150;
/** Of those who are silent, each is tried so often, and all of them by one turn in so many. */
const silentRetryMs = 10_000;
const silentTurns = 5;
/** One turn in so many goes to a node that is no neighbour. */
const strangerTurns = 8;

export class PeerChoice {
  readonly #nodes: KnownNodes;
  readonly #neighboursMax: number;
  readonly #random: () => number;
  /** Neighbours still to come in this round, in an order of its own. */
  #round: Known[] = [];
  #turn = 0;

  constructor(nodes: KnownNodes, neighboursMax: number, random: () => number) {
    this.#nodes = nodes;
    this.#neighboursMax = neighboursMax;
    this.#random = random;
  }

  next(nowMs: number): Known | undefined {
    this.#turn++;
    const free = this.#nodes.all().filter(({ awaited }) => !awaited);
    const doubted = free.find((known) => known.window?.inDoubt && nowMs - known.triedMs >= confirmGapMs);
    if (doubted) return doubted;
    if (this.#turn % silentTurns === 0) {
      const due = free.filter((known) => isSilent(known) && nowMs - known.triedMs >= silentRetryMs);
      if (due.length > 0) return this.#draw(due);
    }
    const speaking = free.filter((known) => !isSilent(known));
    const neighbours = this.#neighbours();
    if (neighbours < this.#neighboursMax) {
      const unmeasured = speaking.filter(({ window }) => window === undefined);
      if (unmeasured.length > 0) return this.#draw(unmeasured);
    } else if (this.#turn % strangerTurns === 0) {
      const strangers = speaking.filter(({ neighbour }) => !neighbour);
      if (strangers.length > 0) return this.#draw(strangers);
    }
    return this.#nextNeighbour() ?? (speaking.length > 0 ? this.#draw(speaking) : undefined);
  }

  /** One that has just been measured. */
  measured(known: Known): void {
    if (!known.neighbour && this.#neighbours() < this.#neighboursMax) known.neighbour = true;
  }

  #neighbours(): number {
    let count = 0;
    for (const known of this.#nodes.all()) if (known.neighbour && !isSilent(known)) count++;
    return count;
  }

  #nextNeighbour(): Known | undefined {
    const fits = (known: Known) => known.neighbour && !known.awaited && !isSilent(known);
    for (const _again of [false, true]) {
      for (let known = this.#round.pop(); known !== undefined; known = this.#round.pop())
        if (fits(known) && this.#nodes.get(known.name) === known) return known;
      this.#round = shuffled(this.#nodes.all().filter(fits), this.#random);
    }
    return undefined;
  }

  #draw(of: readonly Known[]): Known {
    return of[Math.floor(this.#random() * of.length)]!;
  }
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!];
  }
  return mixed;
}
