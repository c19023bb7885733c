/** A container engine, from Debian's packages, and brume's own image in it, so that the first lab need not make it. */
import { type Command, findCommand, packagesOf } from "#testbed/doctor/commands.ts";
import { engineSocket, greet, openEngine } from "#testbed/nodes/docker/engine.ts";
import { ownImage, ownParts } from "#testbed/nodes/docker/own-image.ts";
import { UserError } from "#testbed/user-error.ts";
import { installPackages } from "./apt.ts";
import type { Component } from "./component.ts";

/** An engine may have been got elsewhere, or be another one behind DOCKER_HOST. */
const needed: readonly Command[] = ["dockerd", "busybox"];

export const docker: Component = {
  name: "docker",
  summary: "a container engine for nodes of kind docker, by apt-get, and brume's image in it",
  async get(progress) {
    const socket = engineSocket();
    const answers = await engineAnswers(socket);
    const missing = needed.filter(
      (name) => findCommand(name) === undefined && !(name === "dockerd" && answers),
    );
    if (missing.length > 0) await installPackages(missing.join(", "), packagesOf(missing), progress);
    if (!(await engineAnswers(socket))) {
      const fix = `systemctl start docker where there is systemd, else run dockerd as root; then run this again`;
      throw new UserError("no-docker", `no container engine answers at ${socket}`, fix);
    }
    progress(`making brume's image in the engine at ${socket}, unless it has it`);
    const image = await ownImage(await openEngine(socket), await ownParts());
    const got = missing.length > 0 ? `installed: ${missing.join(", ")}; ` : "";
    return `${got}the engine at ${socket} has ${image}`;
  },
};

async function engineAnswers(socket: string): Promise<boolean> {
  try {
    await greet(await openEngine(socket), socket);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}
