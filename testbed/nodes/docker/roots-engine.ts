/** Whether the engine is root's. One that an ordinary user runs answers to the same API and makes other containers. */
import { UserError } from "#testbed/user-error.ts";
import { addressText, type EngineAddress } from "./address.ts";

/** What engines say of themselves: Docker among its security options, Podman in a word of its own. */
export type EngineFacts = { SecurityOptions?: readonly string[] | null; Rootless?: boolean };

/**
 * Tried with Docker 20.10: links, commands and pauses work there, but files do not reach a node, for on disks that were mounted
 * in a user's namespace this machine's root is nobody (EOVERFLOW); what a root's lab mounts the engine may often not
 * read; and without control groups of its own it holds no node to its device, and says of every node what all of the machine uses.
 */
export function checkIsRoots(
  { SecurityOptions: options, Rootless: rootless }: EngineFacts,
  address: EngineAddress,
) {
  if (!rootless && !options?.some((option) => option.split(",").includes("name=rootless"))) return;
  throw new UserError(
    "docker-rootless-engine",
    `the container engine at ${addressText(address)} is an ordinary user's: root here cannot put files into its containers, nor hold them to a device`,
    "name an engine that root runs (DOCKER_HOST=unix:///var/run/docker.sock), or give these nodes kind netns",
    2,
  );
}
