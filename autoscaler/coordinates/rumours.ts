/**
 * What travels with probes and answers besides the sender's own advert, as agents do it: the adverts of others that the
 * sender has heard of last. No round trip is learnt from it, only where others are by now.
 */
import type { Advert, Coordinate } from "./algorithm.ts";

type Word = { readonly advert: Advert; readonly saidMs: number };

export class Rumours {
  readonly #coordinates: readonly Coordinate[];
  readonly #names: readonly string[];
  readonly #count: number;
  /** By hearer, then by whom it is about. */
  readonly #heard: (Word | undefined)[][];
  /** About whom each hearer has had news last, oldest first; as many as one message holds. */
  readonly #latest: number[][];

  constructor(coordinates: readonly Coordinate[], names: readonly string[], count: number) {
    this.#coordinates = coordinates;
    this.#names = names;
    this.#count = count;
    this.#heard = names.map(() => []);
    this.#latest = names.map(() => []);
  }

  /** A probe from one node to the other, and its answer. */
  exchange(prober: number, peer: number, nowMs: number): void {
    if (this.#count === 0) return;
    const answer = this.#message(peer, nowMs);
    for (const [about, word] of this.#message(prober, nowMs)) this.#hear(peer, about, word);
    for (const [about, word] of answer) this.#hear(prober, about, word);
  }

  #message(teller: number, nowMs: number): [about: number, word: Word][] {
    const own: Word = { advert: this.#coordinates[teller]!.advert(), saidMs: nowMs };
    const others = this.#latest[teller]!.map((about): [number, Word] => [
      about,
      this.#heard[teller]![about]!,
    ]);
    return [[teller, own], ...others];
  }

  #hear(hearer: number, about: number, word: Word): void {
    const known = this.#heard[hearer]![about];
    if (hearer === about || (known !== undefined && known.saidMs >= word.saidMs)) return;
    this.#heard[hearer]![about] = word;
    const latest = this.#latest[hearer]!;
    const place = latest.indexOf(about);
    if (place >= 0) latest.splice(place, 1);
    latest.push(about);
    if (latest.length > this.#count) latest.shift();
    this.#coordinates[hearer]!.hear?.(this.#names[about]!, word.advert, word.saidMs);
  }
}
