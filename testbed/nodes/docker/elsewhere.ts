/**
 * Whether an engine that DOCKER_HOST names is of this machine. One of another machine is not reached so, but by a node's
 * `host`: from the file alone it can be told where a link goes, and every lab may have containers on many machines.
 */
import { readFileSync } from "node:fs";
import { release } from "node:os";
import { UserError } from "#testbed/user-error.ts";
import { addressText, type EngineAddress } from "./address.ts";
import type { OpenEngine } from "./open-engine.ts";

const bootFile = "/proc/sys/kernel/random/boot_id";

/** Of what can be told before a container runs. One that is as this machine in all of this is found out when it does. */
export async function checkIsHere({ engine, connection }: OpenEngine, address: EngineAddress): Promise<void> {
  if (connection) {
    const { stdout } = await connection.exec(["cat", bootFile]);
    const boot = stdout.toString().trim();
    if (boot !== "" && boot !== readFileSync(bootFile, "utf8").trim())
      throw elsewhere(`the container engine at ${addressText(address)} is of another machine`);
  }
  const { KernelVersion: kernel } = (await engine.info()) as { KernelVersion?: string };
  if (kernel && kernel !== release()) {
    const runs = `the container engine at ${addressText(address)} runs on another kernel (${kernel}, here ${release()})`;
    throw elsewhere(`${runs}, so on another machine or in a virtual one`);
  }
}

export function elsewhere(what: string): UserError {
  return new UserError(
    "docker-elsewhere",
    `${what}, and its containers' links can be made on its own machine only`,
    "write host: USER@HOST beside kind: docker, for containers on another machine; an engine of this one has to share its process numbers, so it is neither in a virtual machine nor beside a brume that is itself in a container",
    2,
  );
}
