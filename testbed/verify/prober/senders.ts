/** What the prober sends, each as a `Sender`: single probes on a schedule, and trains at a pace. */

import type { ProbeSchedule } from "../probe-schedule.ts";
import type { Family } from "../probe-size.ts";
import type { CoupleJob, TrainJob } from "./job.ts";
import type { Sender } from "./loop.ts";
import { writePayload } from "./payload.ts";
import type { ProbeBook } from "./probe-book.ts";
import type { ProbeSockets } from "./sockets.ts";
import type { TrainBook } from "./train-book.ts";

/** Between two looks at what came. */
const burst = 16;

export class ProbeSender implements Sender {
  readonly #sockets: ProbeSockets;
  readonly #couples: readonly CoupleJob[];
  readonly #schedule: ProbeSchedule;
  readonly #startNs: number;
  readonly #turns: Uint32Array;
  readonly #note: (flow: number, turn: number, atNs: number) => void;
  readonly #fixedTurn: number | undefined;
  #next = 0;

  /** Without a book, all that it sends are warm-up probes that say `fixedTurn`. */
  constructor(
    sockets: ProbeSockets,
    couples: readonly CoupleJob[],
    schedule: ProbeSchedule,
    book: Pick<ProbeBook, "sent"> | { fixedTurn: number },
  ) {
    this.#sockets = sockets;
    this.#couples = couples;
    this.#schedule = schedule;
    this.#startNs = sockets.nowNs();
    this.#turns = new Uint32Array(couples.length);
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
      const { a, b, family } = this.#couples[couple]!;
      const turn = this.#fixedTurn ?? this.#turns[couple]!++;
      this.#one(2 * couple, turn, a, b, family);
      this.#one(2 * couple + 1, turn, b, a, family);
    }
  }

  #one(flow: number, turn: number, from: number, to: number, family: Family): void {
    writePayload(this.#sockets.words, this.#sockets.outgoing, flow, turn);
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

  constructor(sockets: ProbeSockets, trains: readonly TrainJob[], book: TrainBook) {
    this.#sockets = sockets;
    this.#trains = trains;
    this.#book = book;
    this.#startNs = sockets.nowNs();
    this.#left = trains.map(({ packets }) => packets);
    this.#dueNs = trains.map(({ startMs }) => this.#startNs + startMs * 1e6);
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
