/** What the prober sends, each as a `Sender`: single probes on a schedule, and trains at a pace. */

import type { ProbeSchedule } from "../probe-schedule.ts";
import type { TrainJob } from "./job.ts";
import type { Sender } from "./loop.ts";
import type { Flow } from "./moments.ts";
import { writePayload } from "./payload.ts";
import type { ProbeBook } from "./probe-book.ts";
import type { ProbeSockets } from "./sockets.ts";
import type { TrainBook } from "./train-book.ts";

/** Between two looks at what came. */
const burst = 16;

/** Of a schedule that all probers share it sends what leaves here. */
export class ProbeSender implements Sender {
  readonly #sockets: ProbeSockets;
  readonly #flows: readonly Flow[];
  readonly #schedule: ProbeSchedule;
  readonly #startNs: number;
  readonly #turns: Uint32Array;
  readonly #note: (flow: number, turn: number, atNs: number) => void;
  readonly #fixedTurn: number | undefined;
  #next = 0;

  /** Without a book, all that it sends are warm-up probes that say `fixedTurn`. */
  constructor(
    sockets: ProbeSockets,
    flows: readonly Flow[],
    schedule: ProbeSchedule,
    startNs: number,
    book: Pick<ProbeBook, "sent"> | { fixedTurn: number },
  ) {
    this.#sockets = sockets;
    this.#flows = flows;
    this.#schedule = schedule;
    this.#startNs = startNs;
    this.#turns = new Uint32Array(flows.length >> 1);
    this.#fixedTurn = "fixedTurn" in book ? book.fixedTurn : undefined;
    this.#note = "fixedTurn" in book ? () => undefined : (flow, turn, atNs) => book.sent(flow, turn, atNs);
  }

  nextNs(): number {
    const { atMs } = this.#schedule;
    return this.#next < atMs.length ? this.#startNs + atMs[this.#next]! * 1e6 : Number.POSITIVE_INFINITY;
  }

  send(nowNs: number): void {
    for (let sent = 0; sent < burst && this.nextNs() <= nowNs; sent++) {
      const couple = this.#schedule.couple[this.#next++]!;
      const turn = this.#fixedTurn ?? this.#turns[couple]!++;
      this.#one(2 * couple, turn);
      this.#one(2 * couple + 1, turn);
    }
  }

  #one(flow: number, turn: number): void {
    const { from, to, family } = this.#flows[flow]!;
    if (!this.#sockets.isHere(from)) return;
    writePayload(this.#sockets.outgoing.words, this.#sockets.outgoing.payload, flow, turn);
    const atNs = this.#sockets.send(from, to, family);
    if (atNs >= 0) this.#note(flow, turn, atNs);
  }
}

export class TrainSender implements Sender {
  readonly #sockets: ProbeSockets;
  readonly #trains: readonly TrainJob[];
  readonly #book: TrainBook;
  readonly #startNs: number;
  readonly #left: number[];
  readonly #dueNs: number[];

  /** Of the trains it sends those that leave here. */
  constructor(sockets: ProbeSockets, trains: readonly TrainJob[], startNs: number, book: TrainBook) {
    this.#sockets = sockets;
    this.#trains = trains;
    this.#book = book;
    this.#startNs = startNs;
    this.#left = trains.map(({ packets }) => packets);
    this.#dueNs = trains.map(({ from, startMs }) =>
      sockets.isHere(from) ? startNs + startMs * 1e6 : Number.POSITIVE_INFINITY,
    );
  }

  nextNs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const dueNs of this.#dueNs) if (dueNs < next) next = dueNs;
    return next;
  }

  send(nowNs: number): void {
    this.#trains.forEach((train, index) => {
      if (this.#dueNs[index]! > nowNs) return;
      const { packets, headPackets, packetBytes, offeredBitsPerSecond, startMs, from, to } = train;
      const packetNs = (packetBytes * 8e9) / offeredBitsPerSecond;
      const beganNs = this.#startNs + startMs * 1e6;
      const sent = packets - this.#left[index]!;
      const due = Math.min(packets, headPackets + Math.floor((nowNs - beganNs) / packetNs)) - sent;
      const taken = this.#sockets.sendTrain(from, to, packetBytes - 28, due);
      this.#book.sent(index, taken, this.#sockets.nowNs());
      this.#left[index]! -= due;
      const nextPacket = packets - this.#left[index]! - headPackets + 1;
      this.#dueNs[index] =
        this.#left[index]! > 0 ? beganNs + nextPacket * packetNs : Number.POSITIVE_INFINITY;
    });
  }
}
