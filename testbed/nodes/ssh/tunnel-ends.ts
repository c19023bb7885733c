/**
 * Between which addresses a node's tunnel runs: the two ends of the ssh connection where it goes straight, else the
 * address that the topology names. Refused with the reason where packets could not find their way.
 */
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { UserError } from "#testbed/user-error.ts";
import type { Login } from "./machine.ts";

/** Not VXLAN's own 4789, where a machine's container networks may listen already. */
export const tunnelPort = 14_789;

/** Numeric, ours and the machine's. */
export type TunnelEnds = { local: string; remote: string };

export type EndsQuestion = {
  node: string;
  alias: string;
  jumped: boolean;
  /** As the topology names it. */
  address?: string;
  login: Pick<Login, "client" | "server">;
};

/** `sourceFor`: from which address of this machine packets leave for that one; undefined where there is no way. */
export async function tunnelEnds(
  question: EndsQuestion,
  resolve: (name: string) => Promise<string> = resolveName,
  sourceFor: (address: string) => Promise<string | undefined> = sourceAddress,
): Promise<TunnelEnds> {
  const { node, alias, jumped, address, login } = question;
  const refuse = (what: string, fix: string) =>
    new UserError("tunnel-address", `node ${node} (${alias}): ${what}`, fix);
  const named = "add address: to the node, an address of that machine that UDP packets from here reach";
  if (address === undefined && jumped) {
    throw refuse("it is reached through another machine, and its link cannot go that way", named);
  }
  const remote = address === undefined ? plain(login.server) : await resolve(address);
  const local = await sourceFor(remote);
  if (local === undefined) throw refuse(`there is no way from here to ${remote}`, named);
  if (isLoopback(remote) || local === remote) {
    throw refuse("that is this very machine", "give the node kind: netns");
  }
  if (/^fe80:|%/i.test(remote)) {
    throw refuse(
      `${remote} is an address of one link only`,
      "add address: with another address of that machine",
    );
  }
  if (address === undefined && plain(login.client) !== local) {
    const what = `addresses are translated on the way: ${local} here is ${plain(login.client)} there, and its link cannot go that way`;
    throw refuse(what, named);
  }
  return { local, remote };
}

/** The tunnels of one lab differ for certain, those of two labs on one machine but for one in hundreds of thousands. */
export function tunnelIdentifier(labId: string, number: number): number {
  const start = createHash("sha256").update(`tunnel ${labId}`).digest().readUIntBE(0, 3);
  return (start + number) % 2 ** 24;
}

function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}

async function resolveName(name: string): Promise<string> {
  if (isIP(name)) return name;
  try {
    return (await lookup(name)).address;
  } catch (cause) {
    throw new UserError("tunnel-address", `${name}: there is no such address`, "look for a typing error", 1, {
      cause,
    });
  }
}

/** As the kernel would choose it; nothing is sent. */
async function sourceAddress(address: string): Promise<string | undefined> {
  const socket = createSocket(isIP(address) === 6 ? "udp6" : "udp4");
  try {
    return await new Promise((resolve) => {
      socket.once("error", () => resolve(undefined));
      socket.connect(tunnelPort, address, () => resolve(plain(socket.address().address)));
    });
  } finally {
    socket.close();
  }
}
