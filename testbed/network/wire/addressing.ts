/** Which node a packet comes from and goes to, read from its interface and its header with no table of addresses. */
import { hostNumber, nodeOfNumber, type Subnet } from "#testbed/network/addresses.ts";

/**
 * `nodes` counts the host, which comes last. The outer end of node i has the interface index `interfaceBase + i`, and
 * the host's the one below `interfaceBase`.
 */
export type AddressingSettings = { subnet: Subnet; nodes: number; interfaceBase: number };

/** A 32-bit number as the bytes of a packet give it when read little-endian. */
function asRead(bigEndian: number): number {
  return (
    (bigEndian >>> 24) | ((bigEndian >>> 8) & 0xff00) | ((bigEndian << 8) & 0xff0000) | (bigEndian << 24) | 0
  );
}

export class Addressing {
  /** The machine that runs brume, as a node number just above those of the lab. */
  readonly hostNode: number;
  readonly #network4: number;
  readonly #mask4: number;
  readonly #hostMask4: number;
  readonly #prefix6Upper: number;
  readonly #prefix6Lower: number;
  readonly #interfaceBase: number;
  readonly #attached: Uint8Array;

  constructor({ subnet, nodes, interfaceBase }: AddressingSettings) {
    this.hostNode = nodes - 1;
    const hostBits = 2 ** (32 - subnet.prefix) - 1;
    this.#hostMask4 = hostBits;
    this.#mask4 = asRead(~hostBits >>> 0);
    this.#network4 = asRead(subnet.network);
    const prefix = new DataView(Uint8Array.from(subnet.prefix6).buffer);
    this.#prefix6Upper = prefix.getInt32(0, true);
    this.#prefix6Lower = prefix.getInt32(4, true);
    this.#interfaceBase = interfaceBase;
    this.#attached = new Uint8Array(nodes);
  }

  attach(node: number): void {
    this.#attached[node] = 1;
  }

  detach(node: number): void {
    this.#attached[node] = 0;
  }

  /** -1: none of ours. */
  nodeOfInterface(interfaceIndex: number): number {
    const node = interfaceIndex - this.#interfaceBase;
    if (node === -1) return this.hostNode;
    return node >= 0 && node < this.hostNode ? node : -1;
  }

  /** The destination of the packet at `word` of `words`; -1 when it is no attached node of this lab. */
  destination(words: Int32Array, word: number): number {
    const first = words[word]!;
    const version = first & 0xf0;
    let number = 0;
    if (version === 0x40) {
      const address = words[word + 4]!;
      if ((address & this.#mask4) !== this.#network4) return -1;
      number = asRead(address) & this.#hostMask4;
    } else if (version === 0x60) {
      if (words[word + 6] !== this.#prefix6Upper || words[word + 7] !== this.#prefix6Lower) return -1;
      const last = words[word + 9]!;
      if (words[word + 8] !== 0 || (last & 0xffff) !== 0) return -1;
      number = asRead(last);
    } else return -1;
    if (number === hostNumber) return this.hostNode;
    const node = nodeOfNumber(number);
    return node >= 0 && node < this.hostNode && this.#attached[node] === 1 ? node : -1;
  }
}
