/**
 * UDP sockets in many network namespaces, owned by one process: their packets are stamped by the kernel on one clock,
 * so a one-way delay needs no second machine's word. Good for any prober, whatever it sends.
 */
import { inNamespace } from "#testbed/linux/namespace.ts";
import {
  boundPort,
  createEpoll,
  epollEventBytes,
  epollTokenOffset,
  epollWait,
  sendTo,
  watchReadable,
} from "#testbed/linux/socket-calls.ts";
import {
  bindSocket,
  clockGettime,
  close,
  getSocketOption,
  lastErrno,
  open,
  ppoll,
  recvmmsg,
  sendmmsg,
  setSocketOptionInt,
  socket,
} from "#testbed/linux/syscalls.ts";
import { type Family, payloadBytes } from "../probe-size.ts";
import type { Endpoint } from "./job.ts";
import {
  allocateMemory,
  controlBytes,
  eventBatch,
  nameBytes,
  type ProbeMemory,
  receiveBatch,
  receiveBytes,
  receivedBytes,
  resetReceives,
  sendBatch,
  setTrain,
} from "./memory.ts";

const closeOnExec = 0o2000000;
const socketLevel = 1;
const option = { receiveBuffer: 8, noCheck: 11, receiveBufferForce: 33, stampNs: 35, memoryInfo: 55 };
const receiveBufferBytes = 8 << 20;
const clocks = { realTime: 0, monotonic: 1 };
const truncate = 0x20; // MSG_TRUNC: report the packet's length and not that of what was read.
const nonBlocking = 0x40;

/** A packet that came, while `arrived` runs; the memory is used again for the next one. */
export interface Arrivals {
  /** `word` is where its payload begins in `words`; `from` is -1 for an address of no endpoint. */
  arrived(to: number, from: number, family: Family, word: number, bytes: number, atNs: number): void;
}

export class ProbeSockets {
  readonly words: Int32Array;
  /** Word of the payload that goes out next. */
  readonly outgoing: number;
  readonly refusals = new Set<string>();
  readonly #memory: ProbeMemory;
  readonly #epoll = createEpoll();
  readonly #fds: Int32Array;
  readonly #endpointOf4 = new Map<number, number>();
  readonly #endpointOf6 = new Map<string, number>();
  readonly #baseSecond: number;

  constructor(endpoints: readonly Endpoint[]) {
    this.#memory = allocateMemory(endpoints.length);
    this.words = this.#memory.words;
    this.outgoing = this.#memory.outgoing >> 2;
    this.#fds = new Int32Array(endpoints.length * 2).fill(-1);
    this.#baseSecond = Math.floor(Date.now() / 1000);
    endpoints.forEach((endpoint, index) => {
      this.#open(endpoint, index);
    });
    this.words.set([this.#epoll, 1], this.#memory.pollEntry >> 2);
  }

  /** Nanoseconds on the clock of the stamps, from a second of our own choosing so that a double holds them. */
  nowNs(): number {
    return this.#clock(clocks.realTime, this.#baseSecond);
  }

  /** The clock that nobody sets, to know whether somebody set the other. */
  monotonicNs(): number {
    return this.#clock(clocks.monotonic);
  }

  /** The outgoing payload, now; returns the moment just before, or -1 when the kernel refused it. */
  send(from: number, to: number, family: Family): number {
    const which = family === 4 ? 0 : 1;
    const name = this.#memory.address(this.#memory.names + nameBytes * (to * 2 + which));
    const data = this.#memory.address(this.#memory.outgoing);
    const fd = this.#fds[from * 2 + which]!;
    const atNs = this.nowNs();
    if (sendTo(fd, data, payloadBytes, nonBlocking, name, family === 4 ? 16 : 28) >= 0) return atNs;
    this.refusals.add(lastErrno());
    return -1;
  }

  /** `count` packets of so much payload at once, over IPv4; returns how many the kernel took. */
  sendTrain(from: number, to: number, bytes: number, count: number): number {
    setTrain(this.#memory, this.#memory.names + nameBytes * to * 2, 16, bytes);
    let sent = 0;
    while (sent < count) {
      const batch = Math.min(sendBatch, count - sent);
      const result = sendmmsg(
        this.#fds[from * 2]!,
        this.#memory.address(this.#memory.sendMessages),
        batch,
        nonBlocking,
      );
      if (result <= 0) {
        this.refusals.add(lastErrno());
        return sent;
      }
      sent += result;
    }
    return sent;
  }

  /** Sleeps until something comes or the time is over, and hands over what came. */
  receive(arrivals: Arrivals, waitNs: number): void {
    const memory = this.#memory;
    if (waitNs > 0) {
      const seconds = Math.floor(waitNs / 1e9);
      this.words[memory.wait >> 2] = seconds;
      this.words[(memory.wait >> 2) + 2] = Math.floor(waitNs - seconds * 1e9);
      if (ppoll(memory.address(memory.pollEntry), 1, memory.address(memory.wait), 0) <= 0) return;
    }
    const ready = epollWait(this.#epoll, memory.address(memory.events), eventBatch, 0);
    const view = new DataView(memory.words.buffer, memory.events, epollEventBytes * eventBatch);
    for (let event = 0; event < ready; event++) {
      this.#drain(view.getUint32(event * epollEventBytes + epollTokenOffset, true), arrivals);
    }
  }

  /** Packets that came but were never read: the socket was full, or their checksum wrong. */
  drops(endpoint: number): number {
    let dropped = 0;
    for (const fd of this.#fds.subarray(endpoint * 2, endpoint * 2 + 2)) {
      if (fd < 0) continue;
      const info = getSocketOption(fd, socketLevel, option.memoryInfo, 36);
      dropped += new DataView(info.buffer).getUint32(32, true);
    }
    return dropped;
  }

  close(): void {
    for (const fd of this.#fds) if (fd >= 0) close(fd);
    close(this.#epoll);
  }

  #open({ namespacePath, v4, v6 }: Endpoint, index: number): void {
    const namespace = open(namespacePath, closeOnExec);
    try {
      inNamespace(namespace, () => {
        this.#openOne(index, 4, v4);
        if (v6) this.#openOne(index, 6, v6);
      });
    } finally {
      close(namespace);
    }
    this.#endpointOf4.set(Buffer.from(v4).readInt32LE(0), index);
    if (v6) this.#endpointOf6.set(Buffer.from(v6).toString("hex"), index);
  }

  #openOne(index: number, family: Family, address: readonly number[]): void {
    const which = family === 4 ? 0 : 1;
    const fd = socket(family === 4 ? 2 : 10, 2 /* SOCK_DGRAM */ | closeOnExec, 0);
    this.#fds[index * 2 + which] = fd;
    setSocketOptionInt(fd, socketLevel, option.stampNs, 1);
    // Without a checksum of UDP's own, a corrupted packet comes to us instead of vanishing in the kernel.
    if (family === 4) setSocketOptionInt(fd, socketLevel, option.noCheck, 1);
    growReceiveBuffer(fd);
    const name = new Uint8Array(family === 4 ? 16 : 28);
    new DataView(name.buffer).setUint16(0, family === 4 ? 2 : 10, true);
    name.set(address, family === 4 ? 4 : 8);
    bindSocket(fd, name);
    new DataView(name.buffer).setUint16(2, boundPort(fd));
    const bytes = new Uint8Array(this.words.buffer);
    bytes.set(name, this.#memory.names + nameBytes * (index * 2 + which));
    watchReadable(this.#epoll, fd, index * 2 + which);
  }

  #drain(token: number, arrivals: Arrivals): void {
    const memory = this.#memory;
    const to = token >> 1;
    const family = (token & 1) === 0 ? 4 : 6;
    for (;;) {
      resetReceives(memory, receiveBatch);
      const count = recvmmsg(
        this.#fds[token]!,
        memory.address(memory.receiveMessages),
        receiveBatch,
        truncate | nonBlocking,
        0,
      );
      for (let index = 0; index < count; index++) {
        const name = (memory.receiveNames + nameBytes * index) >> 2;
        const from =
          family === 4
            ? this.#endpointOf4.get(this.words[name + 1]!)
            : this.#endpointOf6.get(this.#address6(name));
        const word = (memory.receiveData + receiveBytes * index) >> 2;
        arrivals.arrived(to, from ?? -1, family, word, receivedBytes(memory, index), this.#stampNs(index));
      }
      if (count < receiveBatch) return;
    }
  }

  #address6(nameWord: number): string {
    const start = nameWord * 4 + 8;
    return Buffer.from(this.words.buffer as ArrayBuffer, start, 16).toString("hex");
  }

  /** The stamp is the first and only control message: length, level and type, then seconds and nanoseconds. */
  #stampNs(index: number): number {
    const word = (this.#memory.receiveControls + controlBytes * index) >> 2;
    if (this.words[word + 3] !== option.stampNs) throw new Error("a packet came without the kernel's stamp");
    return ((this.words[word + 4]! >>> 0) - this.#baseSecond) * 1e9 + this.words[word + 6]!;
  }

  #clock(clock: number, baseSecond = 0): number {
    clockGettime(clock, this.#memory.address(this.#memory.clock));
    const word = this.#memory.clock >> 2;
    return ((this.words[word]! >>> 0) - baseSecond) * 1e9 + this.words[word + 2]!;
  }
}

/** Beyond the machine's limit where we may; up to it otherwise. */
function growReceiveBuffer(fd: number): void {
  try {
    setSocketOptionInt(fd, socketLevel, option.receiveBufferForce, receiveBufferBytes);
  } catch {
    setSocketOptionInt(fd, socketLevel, option.receiveBuffer, receiveBufferBytes);
  }
}
