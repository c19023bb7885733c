/**
 * Virtual machines of this machine, of its own architecture or another one, by QEMU. Each is an ssh node inside: the
 * lab's fabric reaches it by a tunnel, over a cable of its own. See docs/qemu.md.
 */
import { accessSync, constants } from "node:fs";
import { totalmem } from "node:os";
import { findCommand } from "#testbed/doctor/commands.ts";
import type { NodeSpec, Topology } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import type { Kind } from "./kind.ts";
import { QemuBody } from "./qemu/body.ts";
import { cableMtuBytes } from "./qemu/cable.ts";
import { clearMachines } from "./qemu/clear.ts";
import { needGuest } from "./qemu/guest-store.ts";
import { QemuNode } from "./qemu/node.ts";
import { type MachineSettings, machineSettings } from "./qemu/settings.ts";

const getAll = "sudo ./brume setup qemu";
/** What the tunnel puts around a packet of a lab. */
const tunnelHeaderBytes = 50;

const opened = new Map<string, QemuNode[]>();

export const qemu: Kind = {
  async check(topology, nodes, rootless) {
    if (rootless) throw needsRoot(nodes[0]!);
    const machines = nodes.map((node) => ({ node, settings: machineSettings(node) }));
    for (const { node, settings } of machines) checkMachine(node, settings);
    checkMtu(topology);
    checkMemory(machines);
  },
  node(lab, spec, number) {
    const node = new QemuNode(lab, spec, number);
    opened.set(lab.identity.id, [...(opened.get(lab.identity.id) ?? []), node]);
    return node;
  },
  body: (lab, spec, number, { arp }) => new QemuBody(lab, spec, number, arp),
  clear: clearMachines,
  close(labId) {
    for (const node of opened.get(labId) ?? []) void node.close();
    opened.delete(labId);
  },
};

function needsRoot({ name }: NodeSpec): UserError {
  return new UserError(
    "root-needed",
    `node ${name} is of kind qemu: its cable is an interface in this machine's own network, which only root may make`,
    "run brume as root (sudo ./brume provision FILE), or give the node kind: netns",
  );
}

function checkMachine({ name }: NodeSpec, { architecture, kernel, disk }: MachineSettings): void {
  for (const program of [architecture.emulator, "mke2fs", "setpriv"]) {
    if (findCommand(program) !== undefined) continue;
    throw new UserError("no-emulator", `node ${name} needs ${program}, which is not here`, getAll);
  }
  needGuest(architecture.name);
  if (!isUsable("/dev/net/tun")) {
    const what = `node ${name} needs /dev/net/tun for its cable, which is not there`;
    throw new UserError("no-tun", what, "sudo modprobe tun; a container needs --device /dev/net/tun");
  }
  for (const [what, file] of [
    ["kernel", kernel],
    ["image", "image" in disk ? disk.image : undefined],
  ]) {
    if (file === undefined || isUsable(file, constants.R_OK)) continue;
    const complaint = `node ${name}: its ${what} ${file} is not there, or may not be read`;
    throw new UserError(
      "no-such-file",
      complaint,
      `name a file for ${what}:, or leave it out for Debian's`,
      2,
    );
  }
}

function checkMtu({ mtuBytes }: Topology): void {
  const most = cableMtuBytes - tunnelHeaderBytes;
  if (mtuBytes <= most) return;
  const what = `mtu: ${mtuBytes} B does not fit into the tunnels of qemu nodes`;
  throw new UserError("mtu", what, `write at most ${most}B`, 2);
}

/** Memory is taken as it is used; what cannot ever be there is refused. */
function checkMemory(machines: readonly { node: NodeSpec; settings: MachineSettings }[]): void {
  const asked = machines.reduce((sum, { settings }) => sum + settings.memoryBytes, 0);
  if (asked <= totalmem()) return;
  const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const what = `the qemu nodes ${machines.map(({ node }) => node.name).join(", ")} have ${gibibytes(asked)} of memory together, this machine ${gibibytes(totalmem())}`;
  throw new UserError("no-memory", what, "give them less with memory:", 2);
}

function isUsable(path: string, mode = constants.R_OK | constants.W_OK): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
