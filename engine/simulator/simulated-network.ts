/**
 * The network between simulated processes: pipes that keep their order, each with delays of its own, that can be cut.
 * Of two connections nothing is known about which is faster. Both ends of a cut one hear of it, each in its time.
 */
import type { ByteStream } from "../transport/link.ts";
import type { EventQueue } from "./event-queue.ts";
import type { Random } from "./random.ts";
import type { Trace } from "./trace.ts";

/** One direction: what is sent arrives in order, after random delays. */
class Lane {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #meanDelayMs: number;
  #lastArrivalMs = 0;

  constructor(queue: EventQueue, random: Random, meanDelayMs: number) {
    this.#queue = queue;
    this.#random = random;
    this.#meanDelayMs = meanDelayMs;
  }

  send(arrive: () => void): void {
    const arrivalMs = this.#queue.nowMs + this.#random.delayMs(this.#meanDelayMs);
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, arrivalMs);
    this.#queue.at(this.#lastArrivalMs, arrive);
  }
}

export type Receiving<Message> = {
  onMessage(message: Message): void;
  onClosed(error: Error | undefined): void;
};

/** One end of a connection. After `close` nothing comes from it any more. */
export class End<Out> {
  #other: { arrive(message: Out): void; hangUp(error: Error | undefined): void } | undefined;
  readonly #lane: Lane;
  isOpen = true;

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  join(other: { arrive(message: Out): void; hangUp(error: Error | undefined): void }): void {
    this.#other = other;
  }

  send(message: Out, arrived: () => void = () => {}): void {
    if (!this.isOpen) return;
    this.#lane.send(() => {
      this.#other!.arrive(message);
      arrived();
    });
  }

  /** The other end hears of it after all that was sent. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#lane.send(() => this.#other!.hangUp(undefined));
  }
}

export class SimulatedNetwork {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #trace: Trace;
  readonly #meanDelayMs: number;
  /** What is open, to be cut. */
  readonly #connections = new Set<() => void>();

  constructor(queue: EventQueue, random: Random, trace: Trace, meanDelayMs: number) {
    this.#queue = queue;
    this.#random = random;
    this.#trace = trace;
    this.#meanDelayMs = meanDelayMs;
  }

  /** Each end gets the other's messages. What is on its way when the connection is cut is lost. */
  connect<Up, Down>(up: Receiving<Up>, down: Receiving<Down>): { up: End<Down>; down: End<Up> } {
    // Some connections are slow all the time.
    const slowness = this.#random.pick([0.2, 1, 1, 5]);
    const lane = () => new Lane(this.#queue, this.#random, this.#meanDelayMs * slowness);
    const upEnd = new End<Down>(lane());
    const downEnd = new End<Up>(lane());
    const receiver = <Message>(own: End<unknown>, { onMessage, onClosed }: Receiving<Message>) => ({
      arrive: (message: Message) => {
        if (!own.isOpen) return;
        this.#trace.mark(5, 0);
        onMessage(message);
      },
      hangUp: (error: Error | undefined) => {
        this.#connections.delete(cut);
        if (!own.isOpen) return;
        own.isOpen = false;
        onClosed(error);
      },
    });
    const upReceiver = receiver(upEnd, up);
    const downReceiver = receiver(downEnd, down);
    const cut = () => {
      this.#connections.delete(cut);
      // Nothing more arrives, but an end that has not heard of the cut sends on into the void.
      upEnd.join({ arrive: () => {}, hangUp: () => {} });
      downEnd.join({ arrive: () => {}, hangUp: () => {} });
      for (const side of [upReceiver, downReceiver]) {
        this.#queue.after(this.#random.delayMs(10 * this.#meanDelayMs), () =>
          side.hangUp(new Error("the connection was cut")),
        );
      }
    };
    upEnd.join(downReceiver);
    downEnd.join(upReceiver);
    this.#connections.add(cut);
    return { up: upEnd, down: downEnd };
  }

  /** Cuts one of the open connections. */
  cutOne(): void {
    if (this.#connections.size === 0) return;
    const cuts = [...this.#connections];
    this.#random.pick(cuts)();
  }
}

/** A byte stream over a connection's end. Bytes are lent to it until they have arrived, as with a socket. */
export class SimulatedStream implements ByteStream {
  /** Set as soon as the connection is made, before anything is written. */
  connection: End<Uint8Array> | undefined;

  write(bytes: Uint8Array, done: () => void): void {
    this.#end().send(bytes, done);
  }

  end(): void {
    this.#end().close();
  }

  destroy(): void {
    this.#end().close();
  }

  #end(): End<Uint8Array> {
    if (this.connection === undefined) throw new Error("a stream is written before it is connected");
    return this.connection;
  }
}
