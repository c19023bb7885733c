/** Whether this machine can have the containers that a topology asks for, said before anything is started. */
import type { NodeSpec } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import { checkEmulation } from "../emulation/emulated.ts";
import { engineError, engineSocket, greet, openEngine } from "./engine.ts";
import { findBusybox, hasImage } from "./own-image.ts";

export async function checkDocker(nodes: readonly NodeSpec[], rootless: boolean): Promise<void> {
  const socket = engineSocket();
  if (rootless) {
    throw new UserError(
      "docker-needs-root",
      "nodes of kind docker: the lab of an ordinary user lives in a user namespace of its own, from which no container's network can be entered",
      "run brume as root (sudo ./brume ...), or give these nodes kind netns",
      2,
    );
  }
  for (const node of nodes) checkEmulation(node);
  try {
    const engine = await openEngine(socket);
    await greet(engine, socket);
    for (const [image, node] of imagesOf(nodes)) {
      if (image === "auto") findBusybox();
      else if (!(await hasImage(engine, image))) throw unknownImage(image, node);
    }
  } catch (error) {
    throw engineError(error, socket);
  }
}

/** Each with the first node that names it. */
function imagesOf(nodes: readonly NodeSpec[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, settings } of nodes) {
    const image = String(settings.image ?? "auto");
    if (!found.has(image)) found.set(image, name);
  }
  return found;
}

function unknownImage(image: string, node: string): UserError {
  return new UserError(
    "no-such-image",
    `node ${node}: the container engine has no image ${image}`,
    `docker pull ${image}, or leave the image out: brume then makes one of its own`,
    2,
  );
}
