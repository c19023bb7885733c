/** Nodes that are containers of this machine, made by Docker or an engine that answers to its API. */
import { DockerBody } from "./docker/body.ts";
import { checkDocker } from "./docker/check.ts";
import { clearDocker } from "./docker/clear.ts";
import { DockerNode } from "./docker/node.ts";
import type { Kind } from "./kind.ts";

export const docker: Kind = {
  check: (_topology, nodes, rootless) => checkDocker(nodes, rootless),
  node: (lab, { name }, number) => new DockerNode(lab, name, number),
  body: (lab, spec, number) => new DockerBody(lab, spec, number),
  clear: (lab, nodes) =>
    clearDocker(
      lab,
      nodes.map(({ spec }) => spec.name),
    ),
};
