/**
 * Whether a node's tunnel carries packets, tried from the lab's keeper when both ends are there. A datagram to a port
 * where nobody listens comes back as a refusal: it needs no program at the other end, and no ping here.
 */
import { createSocket } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "#testbed/user-error.ts";
import { tunnelPort } from "./tunnel-ends.ts";

/** Of the ones that traceroute uses, so nothing is meant to listen there. */
const closedPort = 33_434;
const headerBytes = 28;
const patienceMs = 6000;
/** A kernel answers so about once a second, the first six at once. */
const everyMs = 300;

type CheckedTunnel = { node: string; alias: string; address: string; mtuBytes: number };

export async function checkTunnel(
  { node, alias, address, mtuBytes }: CheckedTunnel,
  isRefused: (address: string, payloadBytes: number) => Promise<boolean> = comesBack,
): Promise<void> {
  if (!(await isRefused(address, 16))) {
    const what = `node ${node}: no packet comes back through its tunnel to ${alias}, so its link cannot be shaped`;
    const fix = `let UDP port ${tunnelPort} pass both ways, in the firewalls of both machines and between them (there: sudo ufw allow ${tunnelPort}/udp)`;
    throw new UserError("tunnel-silent", what, fix);
  }
  if (!(await isRefused(address, mtuBytes - headerBytes))) {
    const what = `node ${node}: packets of ${mtuBytes} bytes do not get through its tunnel to ${alias}, small ones do`;
    const fix = `write a smaller mtu: into the topology; the way there must carry 50 bytes more than that (70 with IPv6)`;
    throw new UserError("tunnel-mtu", what, fix);
  }
}

async function comesBack(address: string, payloadBytes: number): Promise<boolean> {
  const socket = createSocket("udp4");
  const endsMs = performance.now() + patienceMs;
  let answered = false;
  socket.on("error", (error: NodeJS.ErrnoException) => {
    answered ||= error.code === "ECONNREFUSED";
  });
  try {
    await new Promise<void>((resolve) => socket.connect(closedPort, address, resolve));
    const payload = Buffer.alloc(payloadBytes);
    while (!answered && performance.now() < endsMs) {
      socket.send(payload, () => undefined);
      for (let waitedMs = 0; !answered && waitedMs < everyMs; waitedMs += 5) await sleep(5);
    }
    return answered;
  } finally {
    socket.close();
  }
}
