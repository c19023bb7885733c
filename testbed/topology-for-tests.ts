/** A topology made by hand, for tests of what comes after parsing. */
import type { DeviceClasses } from "./topology/read-nodes.ts";
import type { NodeSpec, Topology } from "./topology/topology.ts";

export function nodeOf(name: string, device = "none", role = "worker"): NodeSpec {
  return { name, kind: "netns", role, device, settings: {} };
}

export function topologyOf(nodes: readonly NodeSpec[], rest: Partial<Topology> = {}): Topology {
  const none = { access: [], links: [], pairs: [], events: [] };
  return { name: "lab", fabric: "auto", mtuBytes: 1500, seed: 1, ...none, nodes, ...rest };
}

/** Classes of four cores each. */
export function devicesOf(...names: readonly string[]): DeviceClasses {
  return { names: () => names, coresOf: () => 4 };
}
