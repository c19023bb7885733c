/** Decides what makes a lab's links slow, and says why. */
import type { Network } from "#testbed/network/conditions.ts";
import { UserError } from "#testbed/user-error.ts";
import { maximumNodes } from "./identity.ts";
import { asksSomething } from "./pairs.ts";
import type { Lack, Need, NetemSupport } from "./support.ts";

export type Fabric = "wire" | "netem";

/** What this network would need of the kernel beside the core. */
export function needsOf(network: Network): Set<Need> {
  const wanted = new Set<Need>(["core"]);
  if ([...network.up].some((segment) => segment >= 0)) wanted.add("shared links");
  if (network.paths.some((path) => path.length > 0)) wanted.add("inner links").add("shared links");
  for (const { duplicateRatio, mtuBytes, queue } of network.conditions) {
    if ((duplicateRatio ?? 0) > 0) wanted.add("duplication");
    if (mtuBytes !== undefined) wanted.add("pair MTU");
    if (queue?.discipline === "codel") wanted.add("CoDel");
  }
  if (network.segments.some(({ queue }) => queue?.discipline === "codel")) wanted.add("CoDel");
  return wanted;
}

/**
 * Each pair with conditions costs a netem kernel some 5 KB and, on a slow one, 0.4 ms (measured in user-mode Linux);
 * beyond this many, provisioning would take far longer than with the wire, which reads one table for all pairs.
 */
const pairsForAuto = 50_000;

export function chooseFabric(
  asked: "auto" | Fabric,
  support: NetemSupport,
  network: Network,
): { fabric: Fabric; because: string } {
  if (asked === "wire") return { fabric: "wire", because: "the topology asks for it" };
  const obstacle = obstacleOf(support, network);
  if (obstacle === undefined && asked === "auto" && countPairs(network) > pairsForAuto) {
    return {
      fabric: "wire",
      because: `more than ${pairsForAuto} pairs have conditions, which netem is slow to set up`,
    };
  }
  if (obstacle === undefined) {
    return {
      fabric: "netem",
      because: asked === "netem" ? "the topology asks for it" : "this kernel has what it needs",
    };
  }
  if (asked === "auto") return { fabric: "wire", because: `netem will not do: ${obstacle}` };
  const fix = "set fabric: wire (or auto) in the topology, or use a kernel that has it";
  throw new UserError("no-netem", `fabric: netem cannot be had here: ${obstacle}`, fix);
}

function obstacleOf({ lacks }: NetemSupport, network: Network): string | undefined {
  if (network.nodes.length > maximumNodes) {
    return `${network.nodes.length} nodes are more than the ${maximumNodes} that one bridge joins`;
  }
  const wanted = needsOf(network);
  const missing = lacks.filter(({ need }) => wanted.has(need));
  const [first, ...others] = missing;
  if (!first) return undefined;
  return others.length === 0
    ? sentence(first)
    : `${sentence(first)} (and ${others.length} more: ./brume doctor)`;
}

function sentence({ need, what, because }: Lack): string {
  return `${what}${need === "core" ? "" : ` (for ${need})`}: ${because}`;
}

function countPairs(network: Network): number {
  const asking = network.conditions.map(asksSomething);
  return network.pairs.reduce((count, set) => count + (asking[set] ? 1 : 0), 0);
}
