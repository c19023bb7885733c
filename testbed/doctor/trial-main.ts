/** The program of trial.ts: runs in fresh namespaces, does what the keeper and the wire do, prints what failed. */
import { execFileSync } from "node:child_process";
import { hostMac, nodeMac } from "#testbed/keeper/namespaces.ts";
import { linkUp, vethPair } from "#testbed/linux/links.ts";
import { currentNamespace, inNamespace, withNewNamespace } from "#testbed/linux/namespace.ts";
import { Netlink } from "#testbed/linux/netlink.ts";
import { disableOffloads } from "#testbed/linux/offloads.ts";
import { becomeRealTime, eventfd } from "#testbed/linux/syscalls.ts";
import { allocatePacketMemory } from "#testbed/network/wire/packet-memory.ts";
import { PacketPort } from "#testbed/network/wire/packet-port.ts";
import type { TrialInside } from "./trial.ts";

const mtuBytes = 1500;
const few = 16;
/** What the wire asks for; see wire-fabric.ts. */
const realTimePriority = 20;

function attempt(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.split("\n")[0]! : String(error);
  }
}

let fabric = -1;
const report: TrialInside = {
  namespace: attempt(() => {
    fabric = withNewNamespace((fd) => fd);
  }),
  veth: attempt(() => {
    const own = currentNamespace();
    inNamespace(fabric, () => {
      const netlink = new Netlink();
      const here = { index: 1000, name: "n0", mtuBytes, mac: hostMac };
      netlink.request(
        vethPair(here, { index: 2, name: "eth0", mtuBytes, mac: nodeMac(0) }, own, false),
        linkUp(1000),
      );
      netlink.close();
    });
    disableOffloads("eth0");
  }),
  packets: attempt(() => {
    inNamespace(
      fabric,
      () => new PacketPort(allocatePacketMemory(mtuBytes, few, few, 64), eventfd(), () => undefined),
    );
  }),
  hosts: attempt(() => {
    const words = ["--mount", "--uts", "--", "sh", "-c", "mount --bind /dev/null /etc/hosts"];
    execFileSync("unshare", words, { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  }),
  realTime: attempt(() => {
    if (!becomeRealTime(realTimePriority)) throw new Error("the kernel refuses it");
  }),
};
process.stdout.write(JSON.stringify(report));
