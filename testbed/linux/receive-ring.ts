/**
 * What comes to many UDP sockets, taken in batches through memory that the kernel writes to directly, each datagram with
 * the moment at which the kernel had it. For those who measure: the prober and the coordinate agents.
 */
import type { KernelClocks } from "./kernel-clocks.ts";
import { type SharedMemory, shareMemory } from "./shared-memory.ts";
import { createEpoll, epollEventBytes, epollTokenOffset, epollWait, watchReadable } from "./socket-calls.ts";
import { close, ppoll, recvmmsg, setSocketOptionInt } from "./syscalls.ts";

export type RingShape = {
  /** Datagrams that one call takes at most. */
  readonly batch: number;
  /** Of each datagram so much is kept; the rest is cut off by the kernel unread. A multiple of four. */
  readonly dataBytes: number;
  /** A descriptor whose input also ends a wait. */
  readonly alsoFd?: number;
};

/** sockaddr_in6 and some. */
export const nameBytes = 32;
const controlBytes = 64;
/** mmsghdr and iovec of a 64-bit system. */
const messageBytes = 64;
const vectorBytes = 16;
const eventBatch = 64;
const readable = 1;
const socketLevel = 1;
const stampNs = 35;
const truncate = 0x20; // MSG_TRUNC: report the datagram's length and not that of what was kept.
const nonBlocking = 0x40;

type Part = "messages" | "vectors" | "names" | "controls" | "data" | "events" | "polls" | "wait";

export class ReceiveRing {
  readonly clocks: KernelClocks;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly #shape: RingShape;
  readonly #memory: SharedMemory<Part>;
  readonly #epoll = createEpoll();

  /** `clocks`: by which stamps are told. */
  constructor(shape: RingShape, clocks: KernelClocks) {
    this.clocks = clocks;
    const { batch, dataBytes, alsoFd } = shape;
    this.#shape = shape;
    this.#memory = shareMemory({
      messages: messageBytes * batch,
      vectors: vectorBytes * batch,
      names: nameBytes * batch,
      controls: controlBytes * batch,
      data: dataBytes * batch,
      events: epollEventBytes * eventBatch,
      polls: 16,
      wait: 16,
    });
    this.bytes = this.#memory.bytes;
    this.words = this.#memory.words;
    const { view, at } = this.#memory;
    const point = (from: number, to: number) =>
      view.setBigUint64(from, BigInt(this.#memory.address(to)), true);
    for (let index = 0; index < batch; index++) {
      const [message, vector] = [at.messages + messageBytes * index, at.vectors + vectorBytes * index];
      point(message, at.names + nameBytes * index);
      point(message + 16, vector);
      view.setBigUint64(message + 24, 1n, true);
      point(message + 32, at.controls + controlBytes * index);
      point(vector, this.dataAt(index));
      view.setBigUint64(vector + 8, BigInt(dataBytes), true);
    }
    [this.#epoll, alsoFd ?? -1].forEach((fd, index) => {
      view.setInt32(at.polls + 8 * index, fd, true);
      view.setInt16(at.polls + 8 * index + 4, readable, true);
    });
  }

  /** From now on the socket's datagrams are stamped, and `token` comes up when there are some. */
  watch(fd: number, token: number): void {
    setSocketOptionInt(fd, socketLevel, stampNs, 1);
    watchReadable(this.#epoll, fd, token);
  }

  /** Sleeps until something comes or the time is over; then `ready` is told the sockets. True: the other one has input. */
  wait(waitNs: number, ready: (token: number) => void): boolean {
    const { view, at, words, address } = this.#memory;
    if (waitNs > 0 || this.#shape.alsoFd !== undefined) {
      const seconds = Math.floor(Math.max(0, waitNs) / 1e9);
      words[at.wait >> 2] = seconds;
      words[(at.wait >> 2) + 2] = Math.floor(Math.max(0, waitNs - seconds * 1e9));
      if (ppoll(address(at.polls), 2, address(at.wait), 0) <= 0) return false;
    }
    const events = epollWait(this.#epoll, address(at.events), eventBatch, 0);
    for (let event = 0; event < events; event++)
      ready(view.getUint32(at.events + event * epollEventBytes + epollTokenOffset, true));
    return view.getInt16(at.polls + 8 + 6, true) !== 0;
  }

  /** Takes what has come to a socket, the batch at most; returns how many datagrams `…At(0)` and on then tell of. */
  take(fd: number): number {
    const { words, at, address } = this.#memory;
    const { batch } = this.#shape;
    // The kernel writes how much it filled in over how much there was.
    for (let index = 0; index < batch; index++) {
      const word = (at.messages + messageBytes * index) >> 2;
      words[word + 2] = nameBytes;
      words[word + 10] = controlBytes;
    }
    return Math.max(0, recvmmsg(fd, address(at.messages), batch, truncate | nonBlocking, 0));
  }

  /** Where its sender's address begins, in bytes: a sockaddr. */
  nameAt(index: number): number {
    return this.#memory.at.names + nameBytes * index;
  }

  dataAt(index: number): number {
    return this.#memory.at.data + this.#shape.dataBytes * index;
  }

  /** As it came, also where only its beginning was kept. */
  lengthAt(index: number): number {
    return this.words[((this.#memory.at.messages + messageBytes * index) >> 2) + 14]!;
  }

  /** On the clock of `clocks.realTimeNs`. The stamp is the only control message: length, level, type, then the time. */
  stampNsAt(index: number): number {
    const word = (this.#memory.at.controls + controlBytes * index) >> 2;
    if (this.words[word + 3] !== stampNs) throw new Error("a datagram came without the kernel's stamp");
    return ((this.words[word + 4]! >>> 0) - this.clocks.baseSecond) * 1e9 + this.words[word + 6]!;
  }

  close(): void {
    close(this.#epoll);
  }
}
