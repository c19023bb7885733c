import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytes4, bytes6, hostNumber, nodeNumber, type Subnet, subnet6 } from "#testbed/network/addresses.ts";
import { Addressing } from "./addressing.ts";

const interfaceBase = 1000;

/** Byte by byte, by the formats' own definitions. */
function slowDestination(
  packet: Uint8Array,
  subnet: Subnet,
  nodes: number,
  attached: ReadonlySet<number>,
): number {
  const isAt = (offset: number, bytes: Uint8Array) =>
    bytes.every((byte, index) => packet[offset + index] === byte);
  const version = packet[0]! >> 4;
  const [offset, bytes] = version === 4 ? [16, bytes4] : [24, bytes6];
  if (version !== 4 && version !== 6) return -1;
  if (isAt(offset, bytes(subnet, hostNumber))) return nodes - 1;
  for (const node of attached) if (isAt(offset, bytes(subnet, nodeNumber(node)))) return node;
  return -1;
}

const anySubnet = fc
  .record({ prefix: fc.integer({ min: 8, max: 29 }), network: fc.nat(0xffffffff), lab: fc.string() })
  .map(
    ({ prefix, network, lab }): Subnet => ({
      prefix,
      network: Math.floor(network / 2 ** (32 - prefix)) * 2 ** (32 - prefix),
      prefix6: subnet6(lab),
    }),
  );

/** Mostly addresses of nodes, attached or not, some with a bit wrong, and some of no sense at all. */
const anyPacket = fc.record({
  header: fc.uint8Array({ minLength: 40, maxLength: 40 }),
  version: fc.constantFrom(4, 6, 4, 6, 0, 5, 15),
  addressed: fc.boolean(),
  number: fc.oneof(fc.nat(8), fc.nat(0xffff)),
  flip: fc.option(fc.nat(127), { nil: undefined }),
});

test("the destination is what a slow reading of the header's bytes says, for any packet of any lab", () => {
  const attachments = fc.uniqueArray(fc.nat(6), { maxLength: 6 });
  fc.assert(
    fc.property(anySubnet, attachments, anyPacket, fc.nat(3), (subnet, attached, sent, word) => {
      const nodes = 8;
      const addressing = new Addressing({ subnet, nodes, interfaceBase });
      for (const node of attached) addressing.attach(node);
      const packet = Uint8Array.from(sent.header);
      packet[0] = (sent.version << 4) | (packet[0]! & 0x0f);
      const [offset, bytes] = sent.version === 4 ? [16, bytes4] : [24, bytes6];
      if (sent.addressed) packet.set(bytes(subnet, sent.number), offset);
      if (sent.flip !== undefined && offset + (sent.flip >> 3) < 40)
        packet[offset + (sent.flip >> 3)]! ^= 1 << (sent.flip & 7);
      const memory = new Uint8Array(64);
      memory.set(packet, word * 4);
      const words = new Int32Array(memory.buffer);
      assert.equal(
        addressing.destination(words, word),
        slowDestination(packet, subnet, nodes, new Set(attached)),
      );
    }),
    { seed: 7, numRuns: 2500 },
  );
});

const settings = {
  subnet: { network: 0x0a820000, prefix: 20, prefix6: subnet6("lab") },
  nodes: 4,
  interfaceBase,
};

function packetTo(number: number): Int32Array {
  const packet = new Uint8Array(20);
  packet[0] = 0x45;
  packet.set(bytes4(settings.subnet, number), 16);
  return new Int32Array(packet.buffer);
}

test("a node has packets from its attachment to its detachment and not before or after", () => {
  const addressing = new Addressing(settings);
  const to = packetTo(nodeNumber(1));
  assert.equal(addressing.destination(to, 0), -1);
  addressing.attach(1);
  assert.equal(addressing.destination(to, 0), 1);
  addressing.detach(1);
  assert.equal(addressing.destination(to, 0), -1);
});

test("the machine is reached without being attached, and is no node of the lab", () => {
  const addressing = new Addressing(settings);
  assert.equal(addressing.hostNode, 3);
  assert.equal(addressing.destination(packetTo(hostNumber), 0), 3);
  addressing.attach(3);
  assert.equal(addressing.destination(packetTo(nodeNumber(3)), 0), -1);
});

test("interfaces are nodes by their index: the machine's is the one below the first, all others are nobody's", () => {
  const addressing = new Addressing(settings);
  const found = [998, 999, 1000, 1002, 1003, 1].map((index) => addressing.nodeOfInterface(index));
  assert.deepEqual(found, [-1, 3, 0, 2, -1, -1]);
});
