/**
 * A node's coordinate agent without clock, network or process: datagrams and the time go in, datagrams come out. Whoever
 * runs it says the exact moment at which each leaves and comes, so that its own delays are no part of a round trip.
 */
import { PeerChoice } from "./agent-choice.ts";
import { decodeFrame, encodeFrame, type Frame, heldMsMax, type Notice, writeHeld } from "./agent-frame.ts";
import { type Contact, type Known, KnownNodes } from "./agent-known.ts";
import { type Move, MoveDetector } from "./agent-moved.ts";
import { type Filtered, RttWindow } from "./agent-window.ts";
import type { Advert, Coordinate } from "./algorithm.ts";

export type AgentPace = {
  /** Between two probes of a node that knows little, or whose paths have just moved. */
  readonly youngEveryMs: number;
  readonly settledEveryMs: number;
  /** Answers until it is settled; the pace falls gradually over the second half of them. */
  readonly youngProbes: number;
  /** What is not answered by then is lost. */
  readonly patienceMs: number;
  /** Of whom nobody has heard for so long is forgotten. */
  readonly forgetMs: number;
  /** Peers that are measured again and again. */
  readonly neighboursMax: number;
  readonly nodesMax: number;
};

export const defaultPace: AgentPace = {
  youngEveryMs: 200,
  settledEveryMs: 1_000,
  youngProbes: 64,
  patienceMs: 2_000,
  forgetMs: 60_000,
  neighboursMax: 64,
  nodesMax: 4_096,
};

export type AgentIdentity = {
  readonly name: string;
  readonly address: string;
  /** When it starts, in seconds since 1970. */
  readonly born: number;
  /** Known to all of one group and to nobody else. */
  readonly secret: Uint8Array;
};

export type Datagram = {
  readonly to: string;
  /** The bytes as they are to leave at this moment; to be called once, as late as can be. */
  leave(atMs: number): Uint8Array;
};

export type AgentReport = {
  readonly advert: Advert;
  /** Others whose coordinates it knows. */
  readonly known: number;
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  /** Datagrams that were not for it: strangers', damaged, too late. */
  readonly refused: number;
  /** Peers measured since the last report. */
  readonly measured: readonly (Filtered & { peer: string })[];
  readonly moves: readonly Move[];
};

type Count = Parameters<KnownNodes["tell"]>[0];

type Awaited = { known: Known; leftMs: number; dueMs: number };

/** Of the others' coordinates in each datagram, so that in a large group each is still heard of every few seconds. */
const noticesMin = 3;
const noticesMax = 12;
/** All that fit well into one. */
const noticesForPoor = 16;
const nodesPerNotice = 16;
/** After a surprise and after a move the agent looks about itself for so long. */
const surprisedMs = 600;
const movedMs = 10_000;
const forgetEveryMs = 1_000;

export class Agent {
  readonly #identity: AgentIdentity;
  readonly #pace: AgentPace;
  readonly #coordinate: Coordinate;
  readonly #random: () => number;
  readonly #nodes: KnownNodes;
  readonly #choice: PeerChoice;
  readonly #moved = new MoveDetector();
  readonly #awaited = new Map<number, Awaited>();
  #sequence: number;
  #revision = 0;
  #nextMs = Number.NEGATIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;
  #forgetMs = Number.NEGATIVE_INFINITY;
  #restlessUntilMs = Number.NEGATIVE_INFINITY;
  #counts = { sent: 0, answered: 0, lost: 0, refused: 0 };
  #news = new Set<Known>();
  #moves: Move[] = [];

  constructor(identity: AgentIdentity, coordinate: Coordinate, random: () => number, pace = defaultPace) {
    this.#identity = identity;
    this.#pace = pace;
    this.#coordinate = coordinate;
    this.#random = random;
    this.#nodes = new KnownNodes(identity.name, pace, random);
    this.#choice = new PeerChoice(this.#nodes, pace.neighboursMax, random);
    this.#sequence = Math.floor(random() * 2 ** 32);
  }

  /** Where to find others to begin with, or from now on. */
  contacts(contacts: readonly Contact[]): void {
    this.#nodes.contacts(contacts);
  }

  /** When `poll` has something to do. */
  nextMs(): number {
    return this.#nextMs;
  }

  poll(nowMs: number): Datagram[] {
    if (nowMs < this.#nextMs) return [];
    this.#expire(nowMs);
    if (nowMs >= this.#forgetMs) {
      for (const name of this.#nodes.forget(nowMs)) this.#coordinate.forget(name);
      this.#forgetMs = nowMs + forgetEveryMs;
    }
    this.#lastMs = nowMs;
    // Not in step with the others' probes, nor with whatever else beats in this network.
    this.#nextMs = nowMs + this.#everyMs(nowMs) * (0.8 + 0.4 * this.#random());
    const known = this.#choice.next(nowMs);
    return known === undefined ? [] : [this.#probe(known, nowMs)];
  }

  receive(bytes: Uint8Array, from: string, nowMs: number): Datagram[] {
    const frame = decodeFrame(bytes, this.#identity.secret);
    if (frame === undefined || frame.notices[0]!.name === this.#identity.name) {
      this.#counts.refused++;
      return [];
    }
    if (frame.kind === "probe") {
      this.#learn(frame, from, nowMs);
      return [this.#answer(frame, from, nowMs)];
    }
    const awaited = this.#awaited.get(frame.sequence);
    if (awaited === undefined || awaited.known.name !== frame.notices[0]!.name) this.#counts.refused++;
    else {
      this.#awaited.delete(frame.sequence);
      awaited.known.awaited = false;
      this.#learn(frame, from, nowMs);
      this.#measured(awaited.known, frame, nowMs - awaited.leftMs - frame.heldMs, nowMs);
    }
    return [];
  }

  /** What it believes of each other node, by name. */
  adverts(): Map<string, Advert> {
    return new Map(this.#nodes.all().flatMap(({ name, said }) => (said ? [[name, said.advert]] : [])));
  }

  /** What is new is told once. */
  report(): AgentReport {
    const measured = [...this.#news].flatMap(({ name, window }) => {
      const filtered = window?.filtered();
      return filtered ? [{ peer: name, ...filtered }] : [];
    });
    const moves = this.#moves;
    this.#news = new Set();
    this.#moves = [];
    return {
      advert: this.#coordinate.advert(),
      known: this.#nodes.spoken(),
      ...this.#counts,
      measured,
      moves,
    };
  }

  #probe(known: Known, nowMs: number): Datagram {
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) >>> 0;
    this.#counts.sent++;
    const awaited: Awaited = { known, leftMs: nowMs, dueMs: nowMs + this.#pace.patienceMs };
    this.#awaited.set(sequence, awaited);
    known.awaited = true;
    known.triedMs = nowMs;
    const newest = this.#noticesUsual();
    const bytes = this.#encode({ kind: "probe", sequence }, known.name, nowMs, { newest, any: 0 });
    return {
      to: known.address,
      leave: (atMs) => {
        awaited.leftMs = atMs;
        return bytes;
      },
    };
  }

  #answer(probe: Frame, to: string, cameMs: number): Datagram {
    const { sequence, known, notices } = probe;
    // Who knows less is told as much as there is room for: so a newcomer has heard of everybody after a few answers.
    const newest = this.#noticesUsual();
    const any = known < this.#nodes.spoken() ? noticesForPoor - newest : 0;
    const bytes = this.#encode({ kind: "answer", sequence }, notices[0]!.name, cameMs, { newest, any });
    return {
      to,
      leave: (atMs) => {
        writeHeld(bytes, atMs - cameMs);
        return bytes;
      },
    };
  }

  #encode(head: Pick<Frame, "kind" | "sequence">, to: string, nowMs: number, count: Count): Uint8Array {
    const { name, address, born, secret } = this.#identity;
    this.#revision++;
    const own: Notice = {
      ...{ name, address, born },
      revision: this.#revision,
      ageMs: 0,
      advert: this.#coordinate.advert(),
    };
    const others = this.#nodes.tell(count, to, nowMs);
    const known = this.#nodes.spoken();
    return encodeFrame({ ...head, known, notices: [own, ...others] }, secret);
  }

  #noticesUsual(): number {
    return Math.min(noticesMax, Math.max(noticesMin, Math.ceil(this.#nodes.all().length / nodesPerNotice)));
  }

  #learn({ notices }: Frame, from: string, nowMs: number): void {
    for (const notice of notices)
      if (this.#nodes.learn(notice, nowMs)) this.#coordinate.hear?.(notice.name, notice.advert, nowMs);
    this.#nodes.heard(notices[0]!.name, from, nowMs);
  }

  #measured(known: Known, { notices, heldMs }: Frame, rttMs: number, nowMs: number): void {
    if (!(rttMs > 0) || heldMs >= heldMsMax) {
      this.#counts.refused++;
      return;
    }
    this.#counts.answered++;
    known.window ??= new RttWindow();
    this.#choice.measured(known);
    this.#news.add(known);
    const heard = known.window.add(rttMs, nowMs);
    this.#coordinate.observe(known.name, notices[0]!.advert, rttMs, nowMs);
    const move = this.#moved.note(known.name, heard, nowMs);
    if (move !== undefined) this.#moves.push(move);
    if (move !== undefined || heard.movedMs !== undefined) this.#beRestless(nowMs + movedMs);
    else if (heard.surpriseMs !== undefined) this.#beRestless(nowMs + surprisedMs);
  }

  #beRestless(untilMs: number): void {
    this.#restlessUntilMs = Math.max(this.#restlessUntilMs, untilMs);
    this.#nextMs = Math.min(this.#nextMs, this.#lastMs + this.#pace.youngEveryMs);
  }

  #everyMs(nowMs: number): number {
    const { youngEveryMs, settledEveryMs, youngProbes } = this.#pace;
    if (nowMs < this.#restlessUntilMs) return youngEveryMs;
    const grown = Math.min(1, Math.max(0, (2 * this.#counts.answered) / youngProbes - 1));
    return youngEveryMs + grown * (settledEveryMs - youngEveryMs);
  }

  #expire(nowMs: number): void {
    for (const [sequence, { known, dueMs }] of this.#awaited) {
      if (dueMs > nowMs) return; // They were added in the order in which they end.
      this.#awaited.delete(sequence);
      known.awaited = false;
      known.lostInRow++;
      this.#counts.lost++;
    }
  }
}
