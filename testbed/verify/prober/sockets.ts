/**
 * The UDP sockets of a prober, in as many network namespaces as it has endpoints: their packets are stamped by the kernel
 * on one clock, so a one-way delay between two of them needs no second machine's word.
 */
import type { KernelClocks } from "#testbed/linux/kernel-clocks.ts";
import { inNamespace } from "#testbed/linux/namespace.ts";
import { ReceiveRing } from "#testbed/linux/receive-ring.ts";
import { boundPort } from "#testbed/linux/socket-calls.ts";
import {
  bindSocket,
  close,
  getSocketOption,
  lastErrno,
  open,
  setSocketOptionInt,
  socket,
} from "#testbed/linux/syscalls.ts";
import type { Family } from "../probe-size.ts";
import type { Endpoint } from "./job.ts";
import type { Place, Ports } from "./orders.ts";
import { Outgoing, socketName } from "./outgoing.ts";

const closeOnExec = 0o2000000;
const datagrams = 2;
const internet = { 4: 2, 6: 10 } as const;
const socketLevel = 1;
const option = { receiveBuffer: 8, noCheck: 11, receiveBufferForce: 33, memoryInfo: 55 };
const receiveBufferBytes = 8 << 20;
/** Of each packet as much as tells what it is. */
const ring = { batch: 64, dataBytes: 128 };

/** A packet that came, while `arrived` runs; the memory is used again for the next one. */
export interface Arrivals {
  /** `word` is where its payload begins in `words`; `from` is -1 for an address of no endpoint. */
  arrived(
    to: number,
    from: number,
    family: Family,
    words: Int32Array,
    word: number,
    bytes: number,
    atNs: number,
  ): void;
}

export class ProbeSockets {
  readonly refusals = new Set<string>();
  readonly outgoing: Outgoing;
  readonly #clocks: KernelClocks;
  readonly #ring: ReceiveRing;
  readonly #fds: Int32Array;
  readonly #endpointOf4 = new Map<number, number>();
  readonly #endpointOf6 = new Map<string, number>();
  readonly #endpoints: readonly Endpoint[];

  /** Of all probers together; those that are here are then to be opened. */
  constructor(endpoints: readonly Endpoint[], clocks: KernelClocks) {
    this.#endpoints = endpoints;
    this.#clocks = clocks;
    this.#ring = new ReceiveRing(ring, clocks);
    this.outgoing = new Outgoing(endpoints.length);
    this.#fds = new Int32Array(endpoints.length * 2).fill(-1);
    endpoints.forEach(({ v4, v6 }, index) => {
      this.#endpointOf4.set(Buffer.from(v4).readInt32LE(0), index);
      if (v6) this.#endpointOf6.set(Buffer.from(v6).toString("hex"), index);
    });
  }

  isHere(endpoint: number): boolean {
    return this.#fds[endpoint * 2]! >= 0;
  }

  opened(): number[] {
    return this.#endpoints.flatMap((_, endpoint) => (this.isHere(endpoint) ? [endpoint] : []));
  }

  /** Nanoseconds on the clock of the stamps. */
  nowNs(): number {
    return this.#clocks.realTimeNs();
  }

  open({ endpoint, namespacePath }: Place): Ports {
    if (namespacePath === undefined) return this.#openBoth(endpoint);
    const namespace = open(namespacePath, closeOnExec);
    try {
      return inNamespace(namespace, () => this.#openBoth(endpoint));
    } finally {
      close(namespace);
    }
  }

  introduce(ports: readonly Ports[]): void {
    this.#endpoints.forEach(({ v4, v6 }, endpoint) => {
      const { four, six } = ports[endpoint]!;
      this.outgoing.setName(endpoint, 4, socketName(4, v4, four));
      if (v6 && six !== undefined) this.outgoing.setName(endpoint, 6, socketName(6, v6, six));
    });
  }

  /** The outgoing payload, now; returns the moment just before, or -1 when the kernel refused it. */
  send(from: number, to: number, family: Family): number {
    const fd = this.#fds[from * 2 + (family === 4 ? 0 : 1)]!;
    const atNs = this.nowNs();
    if (this.outgoing.send(fd, to, family)) return atNs;
    this.refusals.add(lastErrno());
    return -1;
  }

  /** `count` packets of so much payload at once, over IPv4; returns how many the kernel took. */
  sendTrain(from: number, to: number, bytes: number, count: number): number {
    let sent = 0;
    while (sent < count) {
      const taken = this.outgoing.sendTrain(this.#fds[from * 2]!, to, bytes, count - sent);
      if (taken <= 0) {
        this.refusals.add(lastErrno());
        return sent;
      }
      sent += taken;
    }
    return sent;
  }

  /** Sleeps until something comes or the time is over, and hands over what came. */
  receive(arrivals: Arrivals, waitNs: number): void {
    this.#ring.wait(waitNs, (token) => this.#drain(token, arrivals));
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
    this.#ring.close();
  }

  #openBoth(endpoint: number): Ports {
    const { v4, v6 } = this.#endpoints[endpoint]!;
    const four = this.#openOne(endpoint, 4, v4);
    return v6 ? { four, six: this.#openOne(endpoint, 6, v6) } : { four };
  }

  #openOne(endpoint: number, family: Family, address: readonly number[]): number {
    const token = endpoint * 2 + (family === 4 ? 0 : 1);
    const fd = socket(internet[family], datagrams | closeOnExec, 0);
    this.#fds[token] = fd;
    // Without a checksum of UDP's own, a corrupted packet comes to us instead of vanishing in the kernel.
    if (family === 4) setSocketOptionInt(fd, socketLevel, option.noCheck, 1);
    growReceiveBuffer(fd);
    bindSocket(fd, socketName(family, address, 0));
    this.#ring.watch(fd, token);
    return boundPort(fd);
  }

  #drain(token: number, arrivals: Arrivals): void {
    const to = token >> 1;
    const family = (token & 1) === 0 ? 4 : 6;
    const incoming = this.#ring;
    for (let count = ring.batch; count === ring.batch; ) {
      count = incoming.take(this.#fds[token]!);
      for (let index = 0; index < count; index++) {
        const from = this.#sender(family, incoming.nameAt(index)) ?? -1;
        const [bytes, atNs] = [incoming.lengthAt(index), incoming.stampNsAt(index)];
        arrivals.arrived(to, from, family, incoming.words, incoming.dataAt(index) >> 2, bytes, atNs);
      }
    }
  }

  #sender(family: Family, name: number): number | undefined {
    const { words } = this.#ring;
    if (family === 4) return this.#endpointOf4.get(words[(name >> 2) + 1]!);
    return this.#endpointOf6.get(Buffer.from(words.buffer as ArrayBuffer, name + 8, 16).toString("hex"));
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
