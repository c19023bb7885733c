/** A container engine, from Debian's packages, and brume's own image in it, so that the first lab need not make it. */
import { type Command, findCommand, packagesOf } from "#testbed/doctor/commands.ts";
import { addressText, type EngineAddress, engineAddress } from "#testbed/nodes/docker/address.ts";
import { greet, withEngine } from "#testbed/nodes/docker/engine.ts";
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
    const address = engineAddress();
    const at = addressText(address);
    const answers = await engineAnswers(address);
    const missing = needed.filter(
      (name) => findCommand(name) === undefined && !(name === "dockerd" && answers),
    );
    if (missing.length > 0) await installPackages(missing.join(", "), packagesOf(missing), progress);
    if (!(await engineAnswers(address))) {
      const fix = `systemctl start docker where there is systemd, else run dockerd as root; then run this again`;
      throw new UserError("no-docker", `no container engine answers at ${at}`, fix);
    }
    progress(`making brume's image in the engine at ${at}, unless it has it`);
    const image = await withEngine(address, async ({ engine }) => ownImage(engine, await ownParts()));
    const got = missing.length > 0 ? `installed: ${missing.join(", ")}; ` : "";
    return `${got}the engine at ${at} has ${image}`;
  },
};

/** One of another place is not got by anything that is put on this machine, so why it is silent is told as it is. */
async function engineAnswers(address: EngineAddress): Promise<boolean> {
  try {
    await withEngine(address, ({ engine }) => greet(engine, address));
    return true;
  } catch (error) {
    if (error instanceof UserError && address.by === "socket") return false;
    throw error;
  }
}
