/** The subnet key: an IPv4 range that is well-formed, usable, and large enough. */
import type { Findings } from "./findings.ts";
import { quote } from "./topology-error.ts";

/** Addresses that no node gets: the network's own, the broadcast, the host's, and one to spare. */
const sparedAddresses = 4;

export function checkSubnet(subnet: string, nodes: number, findings: Findings): void {
  const mistake = subnetMistake(subnet, nodes);
  if (mistake) findings.refuse(["subnet"], "bad-value", `subnet: ${mistake[0]}`, mistake[1]);
}

function subnetMistake(subnet: string, nodes: number): [what: string, fix: string] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(subnet);
  const [a = 256, b = 0, c = 0, d = 0, bits = 0] = (match ?? []).slice(1).map(Number);
  if ([a, b, c, d].some((byte) => byte > 255) || bits > 32) {
    return [`${quote(subnet)} is not an IPv4 range`, "for example 10.90.0.0/16"];
  }
  const address = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
  const size = 2 ** (32 - bits);
  if (address % size !== 0) {
    const start = Math.floor(address / size) * size;
    const range = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join(".");
    return [`${subnet} does not begin where a /${bits} begins`, `write ${range}/${bits}`];
  }
  if (a === 0 || a === 127 || a >= 224 || (a === 169 && b === 254)) {
    return [`${subnet} is no range for nodes`, "take a private range such as 10.90.0.0/16"];
  }
  if (size >= nodes + sparedAddresses) return undefined;
  const most = 32 - Math.ceil(Math.log2(nodes + sparedAddresses));
  return [`${subnet} has ${size} addresses for ${nodes} nodes`, `write /${most} or a larger range`];
}
