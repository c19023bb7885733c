/** What a prober sends, in memory that the kernel reads: one payload, the addresses it may go to, and a train of it. */
import { shareMemory } from "#testbed/linux/shared-memory.ts";
import { sendTo } from "#testbed/linux/socket-calls.ts";
import { sendmmsg } from "#testbed/linux/syscalls.ts";
import { type Family, payloadBytes } from "../probe-size.ts";

const nameBytes = 32;
const nameLength = { 4: 16, 6: 28 } as const;
const internet = { 4: 2, 6: 10 } as const;
const trainBatch = 32;
const messageBytes = 64;
const mostBytes = 65_536;
const nonBlocking = 0x40;

/** A sockaddr of either family. */
export function socketName(family: Family, address: readonly number[], port: number): Uint8Array {
  const name = new Uint8Array(nameLength[family]);
  const view = new DataView(name.buffer);
  view.setUint16(0, internet[family], true);
  view.setUint16(2, port);
  name.set(address, family === 4 ? 4 : 8);
  return name;
}

export class Outgoing {
  readonly words: Int32Array;
  /** Word at which the payload that goes out next begins. */
  readonly payload: number;
  readonly #memory: ReturnType<typeof layOut>;

  constructor(endpoints: number) {
    this.#memory = layOut(endpoints);
    const { words, view, at, address } = this.#memory;
    this.words = words;
    this.payload = at.payload >> 2;
    view.setBigUint64(at.vector, BigInt(address(at.payload)), true);
    for (let index = 0; index < trainBatch; index++) {
      const message = at.messages + messageBytes * index;
      view.setBigUint64(message + 16, BigInt(address(at.vector)), true);
      view.setBigUint64(message + 24, 1n, true);
    }
  }

  setName(endpoint: number, family: Family, name: Uint8Array): void {
    this.#memory.bytes.set(name, this.#nameAt(endpoint, family));
  }

  /** The payload; false when the kernel refused it. */
  send(fd: number, to: number, family: Family): boolean {
    const { at, address } = this.#memory;
    const name = address(this.#nameAt(to, family));
    return sendTo(fd, address(at.payload), payloadBytes, nonBlocking, name, nameLength[family]) >= 0;
  }

  /** Up to `count` packets with so much payload at once, over IPv4; how many the kernel took, or less than one. */
  sendTrain(fd: number, to: number, bytes: number, count: number): number {
    const { view, at, address } = this.#memory;
    const batch = Math.min(trainBatch, count);
    for (let index = 0; index < batch; index++) {
      const message = at.messages + messageBytes * index;
      view.setBigUint64(message, BigInt(address(this.#nameAt(to, 4))), true);
      view.setUint32(message + 8, nameLength[4], true);
    }
    view.setBigUint64(at.vector + 8, BigInt(bytes), true);
    return sendmmsg(fd, address(at.messages), batch, nonBlocking);
  }

  #nameAt(endpoint: number, family: Family): number {
    return this.#memory.at.names + nameBytes * (endpoint * 2 + (family === 4 ? 0 : 1));
  }
}

const layOut = (endpoints: number) =>
  shareMemory({
    payload: mostBytes,
    vector: 16,
    messages: messageBytes * trainBatch,
    names: nameBytes * 2 * endpoints,
  });
