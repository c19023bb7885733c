/**
 * The other nodes that one agent knows: what they last said of themselves, whether they answer, and what to pass on.
 * Nobody tells of a death: what a node said grows old on its way, and what is too old is neither believed nor passed on.
 */
import type { Notice } from "./agent-frame.ts";
import type { RttWindow } from "./agent-window.ts";
import type { Advert } from "./algorithm.ts";

/** Where to find a node. */
export type Contact = { readonly name: string; readonly address: string };

type Said = { born: number; revision: number; advert: Advert; atMs: number };

export type Known = {
  readonly name: string;
  address: string;
  /** Told by whoever runs this agent: tried again however long it is silent. */
  contact: boolean;
  /** What it last said of itself, and when it said so. */
  said?: Said;
  /** When it last spoke to this agent itself. */
  heardMs: number;
  /** Of this agent's own round trips; undefined before the first. */
  window?: RttWindow;
  /** Probed again and again; others now and then. */
  neighbour: boolean;
  lostInRow: number;
  triedMs: number;
  /** A probe is on its way. */
  awaited: boolean;
};

const lossesToSilence = 3;

export const isSilent = ({ lostInRow }: Known): boolean => lostInRow >= lossesToSilence;

const isNews = ({ name, said }: Known, except: string, since: number): boolean =>
  said !== undefined && name !== except && said.atMs > since;

export type KnownLimits = { readonly nodesMax: number; readonly forgetMs: number };

export class KnownNodes {
  readonly #own: string;
  readonly #limits: KnownLimits;
  readonly #random: () => number;
  readonly #byName = new Map<string, Known>();
  /** The same, for draws. */
  #list: Known[] = [];
  #spoken = 0;

  constructor(own: string, limits: KnownLimits, random: () => number) {
    this.#own = own;
    this.#limits = limits;
    this.#random = random;
  }

  all(): readonly Known[] {
    return this.#list;
  }

  get(name: string): Known | undefined {
    return this.#byName.get(name);
  }

  /** Those who are not among them any more are kept as long as they speak. */
  contacts(contacts: readonly Contact[]): void {
    for (const known of this.#list) known.contact = false;
    for (const { name, address } of contacts) {
      if (name === this.#own) continue;
      const known = this.#byName.get(name) ?? this.#add(name, address);
      known.contact = true;
      known.address = address;
    }
  }

  /** From the node itself: it lives, and at this address. */
  heard(name: string, address: string, nowMs: number): void {
    const known = this.#byName.get(name);
    if (known === undefined) return;
    Object.assign(known, { address, heardMs: nowMs, lostInRow: 0 });
  }

  /** False: it is no news. That of itself, what is too old, and one more than there is room for is none. */
  learn(notice: Notice, nowMs: number): boolean {
    const { name, address, born, revision, ageMs, advert } = notice;
    if (name === this.#own || ageMs > this.#limits.forgetMs) return false;
    let known = this.#byName.get(name);
    if (known === undefined) {
      if (this.#list.length >= this.#limits.nodesMax) return false;
      known = this.#add(name, address);
    }
    const before = known.said;
    if (before && (before.born > born || (before.born === born && before.revision >= revision))) return false;
    if (!known.contact) known.address = address;
    // Its silence was that of its former life.
    if (before !== undefined && before.born < born) known.lostInRow = 0;
    known.said = { born, revision, advert, atMs: nowMs - ageMs };
    if (before === undefined) this.#spoken++;
    return true;
  }

  /** Of how many it knows what they say. */
  spoken(): number {
    return this.#spoken;
  }

  /** What to pass on: the newest news, hence newcomers and who has just spoken first, and besides of `any` age. */
  tell(count: { newest: number; any: number }, except: string, nowMs: number): Notice[] {
    const since = nowMs - this.#limits.forgetMs;
    const chosen = this.#newest(count.newest, except, since);
    const start = Math.floor(this.#random() * this.#list.length);
    const all = count.newest + count.any;
    for (let step = 0; step < this.#list.length && count.any > 0 && chosen.length < all; step++) {
      const known = this.#list[(start + step) % this.#list.length]!;
      if (isNews(known, except, since) && !chosen.includes(known)) chosen.push(known);
    }
    return chosen.map(({ name, address, said }) => {
      const { atMs, ...word } = said!;
      return { ...{ name, address }, ...word, ageMs: nowMs - atMs };
    });
  }

  #newest(count: number, except: string, since: number): Known[] {
    const chosen: Known[] = [];
    let oldestMs = since;
    for (const known of this.#list) {
      if (!isNews(known, except, oldestMs)) continue;
      const place = chosen.findIndex(({ said }) => said!.atMs < known.said!.atMs);
      chosen.splice(place < 0 ? chosen.length : place, 0, known);
      if (chosen.length <= count) continue;
      chosen.pop();
      oldestMs = chosen.at(-1)!.said!.atMs;
    }
    return chosen;
  }

  /** Drops what is known of nodes of which nobody has heard for long; their names. */
  forget(nowMs: number): string[] {
    const since = nowMs - this.#limits.forgetMs;
    const isGone = ({ said, heardMs }: Known) => said !== undefined && said.atMs < since && heardMs < since;
    const gone = this.#list.filter(isGone);
    for (const known of gone) {
      if (known.contact) {
        delete known.said;
        delete known.window;
        known.neighbour = false;
      } else this.#byName.delete(known.name);
    }
    this.#spoken -= gone.length;
    if (gone.length > 0) this.#list = [...this.#byName.values()];
    return gone.map(({ name }) => name);
  }

  #add(name: string, address: string): Known {
    const known: Known = {
      ...{ name, address },
      ...{ contact: false, neighbour: false, awaited: false },
      heardMs: Number.NEGATIVE_INFINITY,
      triedMs: Number.NEGATIVE_INFINITY,
      lostInRow: 0,
    };
    this.#byName.set(name, known);
    this.#list.push(known);
    return known;
  }
}
