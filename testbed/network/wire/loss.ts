/** Loss in bursts: the Gilbert-Elliott chain, one state a pair, one step a packet. */
import type { PairRandom } from "./random.ts";

const unset = 0;
const good = 1;
const bad = 2;

export class BurstLoss {
  readonly #random: PairRandom;
  readonly #state: Uint8Array;

  constructor(random: PairRandom, pairs: number) {
    this.#random = random;
    this.#state = new Uint8Array(pairs);
  }

  /** Moves the pair's chain by a step and says whether this packet is lost. */
  loses(pair: number, enter: number, leave: number, lossGood: number, lossBad: number): boolean {
    const random = this.#random;
    let state = this.#state[pair]!;
    if (state === unset) {
      // As if the chain had run forever, so that the first packets of a lab are lost like the later ones.
      const badShare = enter + leave > 0 ? enter / (enter + leave) : 0;
      state = random.next(pair) < badShare ? bad : good;
    } else if (state === good) {
      if (random.next(pair) < enter) state = bad;
    } else if (random.next(pair) < leave) {
      state = good;
    }
    this.#state[pair] = state;
    const ratio = state === bad ? lossBad : lossGood;
    return ratio >= 1 || (ratio > 0 && random.next(pair) < ratio);
  }
}
