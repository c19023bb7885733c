/**
 * The packets of a whole lab through one AF_PACKET socket: a receive ring that the kernel fills with packets of
 * every node and stamps on arrival, and sendmmsg, whose every message names another node's interface.
 */
import {
  bindSocket,
  clockGettime,
  getSocketOption,
  lastErrno,
  mapFlags,
  mmap,
  ppoll,
  sendmmsg,
  setSocketOption,
  setSocketOptionInt,
  socket,
} from "#testbed/linux/syscalls.ts";
import { frameHeaderBytes, type PacketMemory, sendBatch } from "./packet-memory.ts";

const packetLevel = 263;
const option = { receiveRing: 5, statistics: 6, version: 10, qdiscBypass: 20, ignoreOutgoing: 23 };
const status = { kernel: 0, user: 1 };
const ethertype = { v4: 0x0008, v6: 0xdd86 }; // As they lie in memory, big-endian read as little-endian.
const clocks = { realTime: 0, monotonic: 1, threadCpu: 3 };
/** Two looks take about a microsecond when nothing comes between. */
const clocksCloseNs = 5e3;
const clockAttempts = 5;
const blockBytes = 1 << 16;

export class PacketPort {
  readonly memory: PacketMemory;
  readonly #fd: number;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  #frame = 0;
  #queued = 0;
  readonly #queuedSlots = new Int32Array(sendBatch);
  readonly #release: (slot: number) => void;
  /** Messages that the kernel refused, such as for an interface that has just gone. */
  refused = 0;

  /** Must be called in the namespace that holds the nodes' outer ends. */
  constructor(memory: PacketMemory, wakeFd: number, release: (slot: number) => void) {
    this.memory = memory;
    this.#release = release;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
    this.#fd = socket(17, 2 /* SOCK_DGRAM: the kernel strips and writes link headers */ | 0o2000000, 0);
    setSocketOptionInt(this.#fd, packetLevel, option.version, 1); // TPACKET_V2: V3 holds packets back for a millisecond.
    setSocketOptionInt(this.#fd, packetLevel, option.ignoreOutgoing, 1);
    setSocketOptionInt(this.#fd, packetLevel, option.qdiscBypass, 1);
    const { ring } = memory;
    const block = Math.max(blockBytes, ring.frameBytes);
    const request = Uint32Array.of(block, ring.bytes / block, ring.frameBytes, ring.frames);
    setSocketOption(this.#fd, packetLevel, option.receiveRing, new Uint8Array(request.buffer));
    mmap(ring.address, ring.bytes, mapFlags.shared | mapFlags.fixed, this.#fd);
    const address = new Uint8Array(20);
    new DataView(address.buffer).setUint16(0, 17, true);
    new DataView(address.buffer).setUint16(2, 0x0003); // ETH_P_ALL, big-endian
    bindSocket(this.#fd, address);
    const poll = memory.poll / 4;
    this.#words.set([this.#fd, 1, wakeFd, 1], poll);
  }

  /** Offset of the next received packet's frame, or -1. The frame stays ours until `done`. */
  next(): number {
    const offset = this.memory.ring.offset + this.#frame * this.memory.ring.frameBytes;
    return (Atomics.load(this.#words, offset >> 2) & status.user) === 0 ? -1 : offset;
  }

  done(frameOffset: number): void {
    Atomics.store(this.#words, frameOffset >> 2, status.kernel);
    this.#frame = this.#frame + 1 === this.memory.ring.frames ? 0 : this.#frame + 1;
  }

  packetBytes(frameOffset: number): number {
    return this.#words[(frameOffset >> 2) + 2]!;
  }

  interfaceIndex(frameOffset: number): number {
    return this.#words[(frameOffset >> 2) + 9]!;
  }

  isInternet(frameOffset: number): boolean {
    const protocol = this.#words[(frameOffset >> 2) + 8]! >>> 16;
    return protocol === ethertype.v4 || protocol === ethertype.v6;
  }

  /** When the kernel took the packet, on the real-time clock: the second, and the nanoseconds within it. */
  stampSeconds(frameOffset: number): number {
    return this.#words[(frameOffset >> 2) + 4]! >>> 0;
  }

  stampNanoseconds(frameOffset: number): number {
    return this.#words[(frameOffset >> 2) + 5]!;
  }

  copyTo(slotOffset: number, frameOffset: number, bytes: number): void {
    const data = frameOffset + frameHeaderBytes;
    this.#bytes.copyWithin(slotOffset, data, data + bytes);
  }

  /** Puts a packet on the next batch; it leaves at `flush`, which then releases its slot. */
  queue(slot: number, slotOffset: number, bytes: number, to: number): void {
    if (this.#queued === sendBatch) this.flush();
    const index = this.#queued++;
    const { messages, vectors, names } = this.memory;
    const family = (this.#bytes[slotOffset]! & 0xf0) === 0x60 ? 1 : 0;
    this.#words[(messages + 64 * index) >> 2] = this.memory.address(names + 32 * (to * 2 + family)) | 0;
    const vector = (vectors + 16 * index) >> 2;
    this.#words[vector] = this.memory.address(slotOffset) | 0;
    this.#words[vector + 2] = bytes;
    this.#queuedSlots[index] = slot;
  }

  flush(): void {
    let sent = 0;
    while (sent < this.#queued) {
      const result = sendmmsg(
        this.#fd,
        this.memory.address(this.memory.messages + 64 * sent),
        this.#queued - sent,
        0,
      );
      if (result < 0 && lastErrno() === "EINTR") continue;
      if (result <= 0) {
        // The first of the rest was refused. The others are not its fault.
        this.refused++;
        sent++;
      } else {
        sent += result;
      }
    }
    for (let index = 0; index < this.#queued; index++) this.#release(this.#queuedSlots[index]!);
    this.#queued = 0;
  }

  /** Sleeps until a packet or a wake-up comes, or the time is over. True: a wake-up. */
  wait(nanoseconds: number): boolean {
    const { poll, wait } = this.memory;
    const forever = !Number.isFinite(nanoseconds);
    if (!forever) {
      const seconds = Math.floor(nanoseconds / 1e9);
      this.#words[wait >> 2] = seconds;
      this.#words[(wait >> 2) + 2] = Math.floor(nanoseconds - seconds * 1e9);
    }
    this.#words[(poll >> 2) + 1] = 1;
    this.#words[(poll >> 2) + 3] = 1;
    ppoll(this.memory.address(poll), 2, forever ? 0 : this.memory.address(wait), 0);
    return this.#words[(poll >> 2) + 3]! >>> 16 !== 0;
  }

  nowNs(): number {
    return this.#clock(clocks.monotonic);
  }

  /** Real time relative to a base second, so that nanoseconds fit in a double. */
  realTimeNs(baseSecond: number): number {
    return this.#clock(clocks.realTime, baseSecond);
  }

  /**
   * What a real-time stamp relative to the base second has to be moved by to be monotonic time. Whoever is put aside
   * between two looks at the clocks reads them far apart, so the closest of a few pairs counts.
   */
  monotonicOffsetNs(baseSecond: number): number {
    let offsetNs = 0;
    let closestNs = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < clockAttempts && closestNs > clocksCloseNs; attempt++) {
      const beforeNs = this.nowNs();
      const realNs = this.realTimeNs(baseSecond);
      const apartNs = this.nowNs() - beforeNs;
      if (apartNs >= closestNs) continue;
      closestNs = apartNs;
      offsetNs = beforeNs + apartNs / 2 - realNs;
    }
    return offsetNs;
  }

  threadCpuNs(): number {
    return this.#clock(clocks.threadCpu);
  }

  #clock(clock: number, baseSecond = 0): number {
    clockGettime(clock, this.memory.address(this.memory.clock));
    const word = this.memory.clock >> 2;
    return (this.#words[word]! >>> 0) * 1e9 - baseSecond * 1e9 + this.#words[word + 2]!;
  }

  /** Packets that the kernel dropped since the last call because the ring was full: our lateness, not the file's wish. */
  takeRingDrops(): number {
    const statistics = getSocketOption(this.#fd, packetLevel, option.statistics, 8);
    return new DataView(statistics.buffer).getUint32(4, true);
  }
}
