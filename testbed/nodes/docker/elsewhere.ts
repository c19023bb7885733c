/**
 * Whether an engine is of this machine that is reached by a socket, by TLS, or by ssh to this very machine. Of another one
 * only ssh reaches what nodes need beside the engine (standing.ts).
 */
import { release } from "node:os";
import { UserError } from "#testbed/user-error.ts";
import { addressText, type EngineAddress } from "./address.ts";
import type { OpenEngine } from "./open-engine.ts";

/** Of what can be told before a container runs. One that is as this machine in all of this is found out when it does. */
export async function checkIsHere({ engine }: OpenEngine, address: EngineAddress): Promise<void> {
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
    "go by ssh: DOCKER_HOST=ssh://USER@HOST, or write host: USER@HOST beside kind: docker, for containers on another machine; an engine of this one has to share its process numbers, so it is neither in a virtual machine nor beside a brume that is itself in a container",
    2,
  );
}
