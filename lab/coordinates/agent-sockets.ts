/**
 * UDP sockets in as many network namespaces as there are agents, owned by one process. Arrivals are stamped by the
 * kernel and departures just before the call, so that however busy this process is, it is no part of a round trip.
 */
import { parseAddress } from "#autoscaler/coordinates/agent-frame.ts";
import { inNamespace } from "#testbed/linux/namespace.ts";
import {
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
  open,
  ppoll,
  recvmmsg,
  setSocketOptionInt,
  socket,
} from "#testbed/linux/syscalls.ts";
import {
  allocateAgentMemory,
  controlBytes,
  dataBytes,
  dataStride,
  eventBatch,
  nameBytes,
  receiveBatch,
  receivedLength,
  resetMessages,
} from "./agent-memory.ts";

const closeOnExec = 0o2000000;
const internet = 2;
const datagrams = 2;
const socketLevel = 1;
const stampNs = 35;
const clocks = { realTime: 0, monotonic: 1 };
const nonBlocking = 0x40;
const readable = 1;

export type Place = {
  /** IPv4 and port to be bound to. */
  readonly address: string;
  /** File of the network namespace; this process's own if left out. */
  readonly namespacePath?: string;
};

/** `bytes` are good while `arrived` runs. */
export type Arrived = (token: number, bytes: Uint8Array, from: string, atMs: number) => void;

export class AgentSockets {
  readonly #memory = allocateAgentMemory();
  readonly #epoll = createEpoll();
  /** Token → descriptor. */
  readonly #fds = new Map<number, number>();
  #token = 0;

  constructor() {
    const { view, pollEntries } = this.#memory;
    [this.#epoll, 0].forEach((fd, index) => {
      view.setInt32(pollEntries + 8 * index, fd, true);
      view.setInt16(pollEntries + 8 * index + 4, readable, true);
    });
  }

  /** Milliseconds on the clock that nobody sets. */
  nowMs(): number {
    return this.#clockMs(clocks.monotonic);
  }

  /** The socket's token, by which `arrived` names it. */
  open({ address, namespacePath }: Place): number {
    if (namespacePath === undefined) return this.#open(address);
    const namespace = open(namespacePath, closeOnExec);
    try {
      return inNamespace(namespace, () => this.#open(address));
    } finally {
      close(namespace);
    }
  }

  /** Whatever is still on its way to it is lost. */
  close(token: number): void {
    const fd = this.#fds.get(token);
    if (fd === undefined) return;
    this.#fds.delete(token);
    close(fd);
  }

  /** What the network does not take now is lost, as it may be anywhere on its way. */
  send(token: number, to: string, leave: (atMs: number) => Uint8Array): void {
    const fd = this.#fds.get(token);
    if (fd === undefined) return;
    const { bytes, outgoing, outgoingName } = this.#memory;
    bytes.set(nameOf(to), outgoingName);
    const [data, name] = [this.#memory.address(outgoing), this.#memory.address(outgoingName)];
    const frame = leave(this.nowMs());
    bytes.set(frame, outgoing);
    sendTo(fd, data, frame.length, nonBlocking, name, nameBytes);
  }

  /** Sleeps until something comes or the time is over; true: the standard input has something to say. */
  receive(waitMs: number, arrived: Arrived): boolean {
    const { view, pollEntries, wait, events } = this.#memory;
    const seconds = Math.floor(Math.max(0, waitMs) / 1000);
    view.setBigInt64(wait, BigInt(seconds), true);
    view.setBigInt64(wait + 8, BigInt(Math.floor(Math.max(0, waitMs - 1000 * seconds) * 1e6)), true);
    if (ppoll(this.#memory.address(pollEntries), 2, this.#memory.address(wait), 0) <= 0) return false;
    const ready = epollWait(this.#epoll, this.#memory.address(events), eventBatch, 0);
    // The kernel stamps with the clock that can be set; what lies between the two is the same as when it stamped.
    const offsetMs = this.nowMs() - this.#clockMs(clocks.realTime);
    for (let event = 0; event < ready; event++) {
      const token = view.getUint32(events + event * epollEventBytes + epollTokenOffset, true);
      this.#drain(token, offsetMs, arrived);
    }
    return view.getInt16(pollEntries + 8 + 6, true) !== 0;
  }

  end(): void {
    for (const fd of this.#fds.values()) close(fd);
    this.#fds.clear();
    close(this.#epoll);
  }

  #open(address: string): number {
    const fd = socket(internet, datagrams | closeOnExec, 0);
    try {
      setSocketOptionInt(fd, socketLevel, stampNs, 1);
      bindSocket(fd, nameOf(address));
      watchReadable(this.#epoll, fd, ++this.#token);
    } catch (error) {
      close(fd);
      throw error;
    }
    this.#fds.set(this.#token, fd);
    return this.#token;
  }

  #drain(token: number, offsetMs: number, arrived: Arrived): void {
    const memory = this.#memory;
    for (let fd = this.#fds.get(token); fd !== undefined; fd = this.#fds.get(token)) {
      resetMessages(memory);
      const count = recvmmsg(fd, memory.address(memory.messages), receiveBatch, nonBlocking, 0);
      for (let index = 0; index < count; index++) {
        const length = receivedLength(memory, index);
        const start = memory.data + dataStride * index;
        if (length >= dataBytes) continue;
        const bytes = memory.bytes.subarray(start, start + length);
        arrived(token, bytes, this.#from(index), this.#stampMs(index) + offsetMs);
      }
      if (count < receiveBatch) return;
    }
  }

  #from(index: number): string {
    const { view, bytes, names } = this.#memory;
    const name = names + nameBytes * index;
    return `${bytes.subarray(name + 4, name + 8).join(".")}:${view.getUint16(name + 2)}`;
  }

  /** The stamp is the first and only control message: length, level and type, then seconds and nanoseconds. */
  #stampMs(index: number): number {
    const { view, controls } = this.#memory;
    const control = controls + controlBytes * index;
    if (view.getInt32(control + 12, true) !== stampNs)
      throw new Error("a datagram came without the kernel's stamp");
    return (
      Number(view.getBigInt64(control + 16, true)) * 1000 + Number(view.getBigInt64(control + 24, true)) / 1e6
    );
  }

  #clockMs(clock: number): number {
    const { view, clock: at } = this.#memory;
    clockGettime(clock, this.#memory.address(at));
    return Number(view.getBigInt64(at, true)) * 1000 + Number(view.getBigInt64(at + 8, true)) / 1e6;
  }
}

/** struct sockaddr_in */
function nameOf(address: string): Uint8Array {
  const { ip, port } = parseAddress(address);
  const name = new Uint8Array(nameBytes);
  const view = new DataView(name.buffer);
  view.setUint16(0, internet, true);
  view.setUint16(2, port);
  name.set(ip, 4);
  return name;
}
