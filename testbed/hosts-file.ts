/** The /etc/hosts of a lab's nodes: every node by name, both families, and the machine that runs brume as `host`. */
import { bytes4, bytes6, hostNumber, nodeNumber, type Subnet, text4, text6 } from "./network/addresses.ts";

export type NodeAddresses = { v4: string; v6: string };

export function addressesOf(subnet: Subnet, number: number): NodeAddresses {
  return { v4: text4(bytes4(subnet, number)), v6: text6(bytes6(subnet, number)) };
}

export function hostsFile(subnet: Subnet, ipv6: boolean, nodes: ReadonlyMap<string, number>): string {
  const entries = [
    ["host", hostNumber] as const,
    ...[...nodes].map(([name, node]) => [name, nodeNumber(node)] as const),
  ];
  const lines = entries.flatMap(([name, number]) => {
    const { v4, v6 } = addressesOf(subnet, number);
    return ipv6 ? [`${v4}\t${name}`, `${v6}\t${name}`] : [`${v4}\t${name}`];
  });
  return ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost", ...lines, ""].join("\n");
}
