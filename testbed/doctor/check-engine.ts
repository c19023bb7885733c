/** Whether a container engine of another machine is there for nodes: judged from what that machine tells. */
import { engineSocket } from "#testbed/nodes/docker/far/engine.ts";
import { type Finding, fine, missing } from "./finding.ts";
import type { RemoteFacts } from "./remote-facts.ts";

/** Of machines of docker nodes alone; the others are not asked. */
export function checkEngine({ engine, user, root }: RemoteFacts): Finding[] {
  if (engine === undefined) return [];
  const what = "Docker";
  const { isThere, version, refusal } = engine;
  if (!isThere) {
    const remedy =
      "on it: sudo apt-get install docker.io   (where it is installed: sudo systemctl start docker)";
    return [missing(what, `no container engine listens at ${engineSocket}`, remedy)];
  }
  if (version !== undefined) {
    const how = root === "sudo" ? ", by sudo" : "";
    return [fine(what, `${version} at ${engineSocket}, which ${user} may use${how}`)];
  }
  if (refusal === undefined)
    return [fine(what, `${engineSocket} is there; neither curl nor docker is, to ask for its version`)];
  if (root === "is" || root === "sudo") {
    const remedy = "on it: sudo systemctl restart docker";
    return [missing(what, `what listens at ${engineSocket} is no engine that answers: ${refusal}`, remedy)];
  }
  const remedy = "let it become root, as its rights ask: then it need not be of the group docker";
  return [missing(what, `${user} may not use the engine at ${engineSocket}: ${refusal}`, remedy)];
}
