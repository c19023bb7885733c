/**
 * Nodes that are containers, made by Docker or an engine that answers to its API: of this machine, or of another one that
 * the topology names by host, as for an ssh node.
 */
import type { NodeSpec } from "#testbed/topology/topology.ts";
import { DockerBody } from "./docker/body.ts";
import { checkDocker } from "./docker/check.ts";
import { clearDocker } from "./docker/clear.ts";
import { closeEngine } from "./docker/engine.ts";
import { FarBody } from "./docker/far/body.ts";
import { checkFar } from "./docker/far/check.ts";
import { FarNode } from "./docker/far/node.ts";
import { DockerNode } from "./docker/node.ts";
import { standing } from "./docker/standing.ts";
import { emulatedScores, keptEmulatedScores } from "./emulation/emulated.ts";
import type { Kind } from "./kind.ts";
import { clearPlaces } from "./ssh/clear.ts";
import { closeMachines } from "./ssh/machine.ts";

const isFar = ({ settings }: NodeSpec) => settings.host !== undefined;

export const docker: Kind = {
  placed: standing,
  async check(_topology, nodes, rootless) {
    for (const node of nodes) checkFar(node, rootless);
    const near = nodes.filter((node) => !isFar(node));
    if (near.length > 0) await checkDocker(near, rootless);
  },
  coreScores: async (spec) => (isFar(spec) ? undefined : await emulatedScores(spec)),
  keptCoreScores: (spec) => (isFar(spec) ? undefined : keptEmulatedScores(spec)),
  node: (lab, spec, number) =>
    isFar(spec) ? new FarNode(lab, spec, number) : new DockerNode(lab, spec.name, number),
  body: (lab, spec, number, { arp }) =>
    isFar(spec) ? new FarBody(lab, spec, number, arp) : new DockerBody(lab, spec, number),
  async clear(lab, nodes, tell) {
    const near = nodes.filter(({ spec }) => !isFar(spec)).map(({ spec }) => spec.name);
    const far = nodes.filter(({ spec }) => isFar(spec));
    const clearFar = clearPlaces(lab, far, tell, Date.now).finally(() =>
      closeMachines(lab.identity.id, "docker"),
    );
    const [here, there] = await Promise.allSettled([clearDocker(lab, near), clearFar]);
    if (here.status === "rejected") throw here.reason;
    if (there.status === "rejected") throw there.reason;
    return here.value + there.value;
  },
  close(labId) {
    closeEngine(labId);
    closeMachines(labId, "docker");
  },
};
