/** Whether this machine can have the containers that a topology asks for, said before anything is started. */
import type { NodeSpec } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import { checkEmulation } from "../emulation/emulated.ts";
import { engineAddress } from "./address.ts";
import { checkIsHere } from "./elsewhere.ts";
import { greet, withEngine } from "./engine.ts";
import { findBusybox, hasImage } from "./own-image.ts";
import { checkIsRoots, type EngineFacts } from "./roots-engine.ts";

export async function checkDocker(nodes: readonly NodeSpec[], rootless: boolean): Promise<void> {
  const address = engineAddress();
  if (rootless) {
    throw new UserError(
      "docker-needs-root",
      "nodes of kind docker: the lab of an ordinary user lives in a user namespace of its own, from which no container's network can be entered",
      "run brume as root (sudo ./brume ...), or give these nodes kind netns",
      2,
    );
  }
  for (const node of nodes) checkEmulation(node);
  await withEngine(address, async (opened) => {
    await greet(opened.engine, address);
    await checkIsHere(opened, address);
    checkIsRoots((await opened.engine.info()) as EngineFacts, address);
    for (const [image, node] of imagesOf(nodes)) {
      if (image === "auto") findBusybox();
      else if (!(await hasImage(opened.engine, image))) throw unknownImage(image, node);
    }
  });
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
