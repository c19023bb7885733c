/**
 * Where containers stand for which the file names no host: beside the engine that DOCKER_HOST names. Where ssh goes to it
 * and it is of another machine, that is as if the file said `host:` for each of them.
 */
import { readFileSync } from "node:fs";
import { defaultMtuBytes, isTunnelled } from "#testbed/topology/other-machines.ts";
import type { NodeSpec, Topology } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import type { SshSettings } from "../ssh/address.ts";
import type { Connection } from "../ssh/connection.ts";
import { addressText, type EngineAddress, engineAddress, usualSocket } from "./address.ts";
import { withEngine } from "./engine.ts";

const bootFile = "/proc/sys/kernel/random/boot_id";

/** By address: the lab of a sweep asks for each of its runs. */
const known = new Map<string, Promise<boolean>>();

export async function standing(topology: Topology): Promise<Topology> {
  if (!topology.nodes.some(isHostless)) return topology;
  const address = engineAddress();
  if (address.by !== "ssh") return topology;
  const text = addressText(address);
  const asked = known.get(text) ?? withEngine(address, ({ connection }) => isThisMachine(connection!));
  known.set(text, asked);
  asked.catch(() => known.delete(text)); // Who was out of reach may answer the next time.
  return (await asked) ? topology : standingAt(topology, address);
}

const isHostless = ({ kind, role, settings }: NodeSpec) =>
  kind === "docker" && role !== "switch" && settings.host === undefined;

export async function isThisMachine(connection: Pick<Connection, "exec">): Promise<boolean> {
  const { stdout } = await connection.exec(["cat", bootFile]);
  const boot = stdout.toString().trim();
  // One that does not tell is found out by its kernel, or by the first container.
  return boot === "" || boot === readFileSync(bootFile, "utf8").trim();
}

/** Pure. */
export function standingAt(topology: Topology, address: EngineAddress & { by: "ssh" }): Topology {
  if (address.path !== usualSocket) {
    const what = `${addressText(address)} is of another machine, where only an engine at ${usualSocket} can have nodes`;
    throw new UserError("docker-elsewhere", what, `leave ${address.path} out of DOCKER_HOST`, 2);
  }
  const at = { ...address.login } satisfies SshSettings;
  const nodes = topology.nodes.map((node) =>
    isHostless(node) ? { ...node, settings: { ...node.settings, ...at } } : node,
  );
  refuseOwnMtu(topology, nodes, address);
  const mtuBytes = topology.mtuIsDefault ? defaultMtuBytes(nodes) : topology.mtuBytes;
  return { ...topology, nodes, mtuBytes };
}

/** What the file is refused for where it names the host itself. */
function refuseOwnMtu(topology: Topology, nodes: readonly NodeSpec[], address: EngineAddress): void {
  const there = new Set(nodes.filter(isTunnelled).map(({ name }) => name));
  const rules = [
    ...topology.pairs,
    ...topology.events.flatMap((event) => ("pairs" in event ? [event.pairs] : [])),
  ];
  const isOwn =
    topology.links.some(({ change }) => change.mtuBytes !== undefined) ||
    rules.some(({ change, from }) => change.mtuBytes !== undefined && from.some((name) => there.has(name)));
  if (!isOwn) return;
  const what = `containers are to stand at ${addressText(address)}, and the MTU of one pair can be set only on nodes of this machine`;
  throw new UserError("docker-elsewhere", what, "set mtu at the top of the file, for all nodes", 2);
}
