/**
 * UDP sockets in as many network namespaces as there are agents, owned by one process. Arrivals are stamped by the
 * kernel and departures just before the call, so that however busy this process is, it is no part of a round trip.
 */
import { frameBytesMax, parseAddress } from "#autoscaler/coordinates/agent-frame.ts";
import { KernelClocks } from "#testbed/linux/kernel-clocks.ts";
import { inNamespace } from "#testbed/linux/namespace.ts";
import { ReceiveRing } from "#testbed/linux/receive-ring.ts";
import { shareMemory } from "#testbed/linux/shared-memory.ts";
import { sendTo } from "#testbed/linux/socket-calls.ts";
import { bindSocket, close, open, socket } from "#testbed/linux/syscalls.ts";

const closeOnExec = 0o2000000;
const internet = 2;
const datagrams = 2;
const nonBlocking = 0x40;
const nameBytes = 16;
const standardInput = 0;
const ring = { batch: 32, dataBytes: (frameBytesMax + 63) & ~63, alsoFd: standardInput };

export type Place = {
  /** IPv4 and port to be bound to. */
  readonly address: string;
  /** File of the network namespace; this process's own if left out. */
  readonly namespacePath?: string;
};

/** `bytes` are good while `arrived` runs. */
export type Arrived = (token: number, bytes: Uint8Array, from: string, atMs: number) => void;

export class AgentSockets {
  readonly #clocks = new KernelClocks();
  readonly #ring = new ReceiveRing(ring, this.#clocks);
  /** One datagram that leaves, and the name it goes to. */
  readonly #outgoing = shareMemory({ data: frameBytesMax, name: nameBytes });
  /** Token → descriptor. */
  readonly #fds = new Map<number, number>();
  #token = 0;

  /** Milliseconds on the clock that nobody sets. */
  nowMs(): number {
    return this.#clocks.monotonicNs() / 1e6;
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
    const { bytes, at, address } = this.#outgoing;
    bytes.set(nameOf(to), at.name);
    const [data, name] = [address(at.data), address(at.name)];
    const frame = leave(this.nowMs());
    bytes.set(frame, at.data);
    sendTo(fd, data, frame.length, nonBlocking, name, nameBytes);
  }

  /** Sleeps until something comes or the time is over; true: the standard input has something to say. */
  receive(waitMs: number, arrived: Arrived): boolean {
    return this.#ring.wait(waitMs * 1e6, (token) => this.#drain(token, arrived));
  }

  end(): void {
    for (const fd of this.#fds.values()) close(fd);
    this.#fds.clear();
    this.#ring.close();
  }

  #open(address: string): number {
    const fd = socket(internet, datagrams | closeOnExec, 0);
    try {
      bindSocket(fd, nameOf(address));
      this.#ring.watch(fd, ++this.#token);
    } catch (error) {
      close(fd);
      throw error;
    }
    this.#fds.set(this.#token, fd);
    return this.#token;
  }

  #drain(token: number, arrived: Arrived): void {
    const incoming = this.#ring;
    // The kernel stamps with the clock that can be set; what lies between the two is the same as when it stamped.
    const offsetNs = this.#clocks.monotonicNs() - this.#clocks.realTimeNs();
    for (let fd = this.#fds.get(token); fd !== undefined; fd = this.#fds.get(token)) {
      const count = incoming.take(fd);
      for (let index = 0; index < count; index++) {
        const length = incoming.lengthAt(index);
        if (length > frameBytesMax) continue;
        const start = incoming.dataAt(index);
        const bytes = incoming.bytes.subarray(start, start + length);
        arrived(token, bytes, this.#from(index), (incoming.stampNsAt(index) + offsetNs) / 1e6);
      }
      if (count < ring.batch) return;
    }
  }

  #from(index: number): string {
    const { bytes } = this.#ring;
    const name = this.#ring.nameAt(index);
    const port = (bytes[name + 2]! << 8) | bytes[name + 3]!;
    return `${bytes.subarray(name + 4, name + 8).join(".")}:${port}`;
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
