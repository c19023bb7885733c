import type { NodeSpec } from "./topology/topology.ts";

/**
 * Everything that provisioning can do to a machine, as data. A plan is a list of these, a journal records each one
 * before it starts, and destroy undoes what the journal names; an action missing here cannot happen.
 */
export type Step =
  /** The file's new state becomes the lab's; says which parts of it are not in force until their own step is done. */
  | { do: "adopt-topology"; network: boolean; timeline: boolean; because: string }
  | { do: "start-keeper"; because: string }
  | { do: "limit-node"; node: string; device: string; cores: number; because: string }
  | { do: "unlimit-node"; node: string; because: string }
  /** `spec` for any kind but netns: what has to be known to clear it away, whatever the file says by then. */
  | { do: "create-node"; node: string; number: number; spec?: NodeSpec; because: string }
  | { do: "remove-node"; node: string; number: number; because: string }
  | { do: "write-hosts"; because: string }
  | { do: "set-network"; because: string }
  | { do: "set-timeline"; because: string };

export function describeStep(step: Step): string {
  const about = "node" in step ? ` ${step.node}` : "";
  const device = step.do === "limit-node" ? ` as ${limitName(step)}` : "";
  return `${step.do}${about}${device}: ${step.because}`;
}

/** One word for a limit, so that a change of either part is seen. */
export function limitName({ device, cores }: { device: string; cores: number }): string {
  return cores === 1 ? `one core of ${device}` : `${cores} cores of ${device}`;
}
