/**
 * The cable between this machine and a virtual one: the interface that QEMU makes, and two addresses for its ends. ssh
 * and the tunnel of the node's link go over it, and nothing else.
 */
import { createHash } from "node:crypto";

export type Cable = {
  /** This machine's interface. */
  name: string;
  mac: string;
  /** This machine's end and the guest's, in a range of four addresses. */
  here: string;
  there: string;
  prefix: 30;
};

/** Both ends take packets of this size, so that a link with an ordinary MTU fits into its tunnel. */
export const cableMtuBytes = 9000;

/** First and last range of 169.254.0.0/16 are reserved, and 169.254.169.254 is what clouds call their metadata server. */
const ranges = 2 ** 14;
const isReserved = (range: number) => range < 64 || range >= ranges - 64 || range === (169 * 256 + 252) / 4;

/**
 * Of a node by its number in its lab. The same node gets the same one again, unless somebody else took it meanwhile.
 * `taken`: the IPv4 addresses that this machine has.
 */
export function chooseCable(labId: string, number: number, taken: readonly string[]): Cable {
  const bytes = createHash("sha256").update(`${labId}/${number}`).digest();
  const takenRanges = new Set(taken.map(rangeOf));
  const start = bytes.readUInt16BE(0) % ranges;
  for (let step = 0; step < ranges; step++) {
    const range = (start + step) % ranges;
    if (isReserved(range) || takenRanges.has(range)) continue;
    return {
      name: `bq${labId.slice(0, 8)}${number.toString(36)}`,
      mac: ["02", "62", "71", ...[2, 3, 4].map((at) => bytes[at]!.toString(16).padStart(2, "0"))].join(":"),
      here: addressIn(range, 1),
      there: addressIn(range, 2),
      prefix: 30,
    };
  }
  throw new Error("every range of 169.254.0.0/16 is in use");
}

function addressIn(range: number, host: number): string {
  return `169.254.${range >> 6}.${((range & 63) << 2) | host}`;
}

/** -1 for an address of elsewhere. */
function rangeOf(address: string): number {
  const [first, second, third, fourth] = address.split(".").map(Number);
  return first === 169 && second === 254 ? (third! << 6) | (fourth! >> 2) : -1;
}
