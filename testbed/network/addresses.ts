/**
 * Where nodes live: node number i of a lab has host number i + 2 in the lab's IPv4 and IPv6 ranges; number 1 is the
 * machine that runs brume. So an address says which node it is without a table.
 */
import { createHash } from "node:crypto";

export const hostNumber = 1;
const firstNodeNumber = 2;
/** 4,093 nodes; more would not fit through one machine's wire. */
export const subnetPrefix = 20;
export const prefix6 = 64;
/** Subnet number, within the lab's own 48 bits, of the addresses that mark its nodes' loopbacks. */
export const markerZone = 0xffff;

export type Subnet = {
  /** The IPv4 range as a number and its prefix length. */
  network: number;
  prefix: number;
  /** The upper eight bytes of the IPv6 range: unique local, with 40 bits that belong to this lab alone. */
  prefix6: readonly number[];
};

export function subnet6(labId: string): number[] {
  const digest = createHash("sha256").update(labId).digest();
  return [0xfd, ...digest.subarray(0, 5), 0, 0];
}

export function nodeNumber(node: number): number {
  return node + firstNodeNumber;
}

export function nodeOfNumber(number: number): number {
  return number - firstNodeNumber;
}

export function capacity(subnet: Subnet): number {
  return 2 ** (32 - subnet.prefix) - firstNodeNumber - 1;
}

export function bytes4(subnet: Subnet, number: number): Uint8Array {
  const value = subnet.network + number;
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

export function bytes6(subnet: Subnet, number: number, zone = 0): Uint8Array {
  return Uint8Array.of(...subnet.prefix6.slice(0, 6), zone >> 8, zone, 0, 0, 0, 0, 0, 0, number >> 8, number);
}

export function text4(bytes: Uint8Array): string {
  return bytes.join(".");
}

/** In the form that inet_ntop prints: the longest run of zero groups, the first of equals, becomes "::". */
export function text6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[index * 2]! << 8) | bytes[index * 2 + 1]!);
  const runs = groups.map((_, start) => groups.findIndex((group, index) => index >= start && group !== 0));
  const lengths = runs.map((end, start) => (end < 0 ? groups.length : end) - start);
  const longest = Math.max(...lengths);
  const hex = groups.map((group) => group.toString(16));
  if (longest < 2) return hex.join(":");
  const start = lengths.indexOf(longest);
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + longest).join(":")}`;
}

export function parseSubnet4(text: string): { network: number; prefix: number } | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [a, b, c, d, prefix] = match.slice(1).map(Number) as [number, number, number, number, number];
  if ([a, b, c, d].some((part) => part > 255) || prefix > 29 || prefix < 8) return undefined;
  const network = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  return network % 2 ** (32 - prefix) === 0 ? { network, prefix } : undefined;
}

export function overlaps(
  a: { network: number; prefix: number },
  b: { network: number; prefix: number },
): boolean {
  const shared = 2 ** (32 - Math.min(a.prefix, b.prefix));
  return Math.floor(a.network / shared) === Math.floor(b.network / shared);
}

/** Ranges to try for a lab, in an order of its own so that labs seldom meet: 10.128.0.0/9 cut into /20. */
export function* candidateSubnets(labId: string): Generator<{ network: number; prefix: number }> {
  const count = 2 ** (subnetPrefix - 9);
  const start = createHash("sha256").update(`subnet ${labId}`).digest().readUInt32LE(0) % count;
  for (let step = 0; step < count; step++) {
    const index = (start + step) % count;
    yield {
      network: (((10 << 24) | (128 << 16)) >>> 0) + index * 2 ** (32 - subnetPrefix),
      prefix: subnetPrefix,
    };
  }
}
