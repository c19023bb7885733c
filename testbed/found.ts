/** Founds a lab: gives it an identity and an address range before anything of it exists. */
import { existsSync } from "node:fs";
import { createFolder, type Identity, type LabFolder, newLabId } from "./lab.ts";
import { listRoutes4 } from "./linux/links.ts";
import { Netlink } from "./linux/netlink.ts";
import { bootId } from "./processes.ts";
import { claimSubnet } from "./subnet-claim.ts";
import type { Topology } from "./topology/topology.ts";

export function found(folder: LabFolder, root: string, topology: Topology): Identity {
  const known = folder.identity();
  if (known) {
    if (known.bootId === bootId()) return known;
    // The machine was restarted: what the journal speaks of is gone, its addresses may be someone else's now.
    const again: Identity = { ...known, bootId: bootId() };
    folder.write("lab.json", again);
    return again;
  }
  createFolder(folder);
  const id = newLabId();
  const rootless = process.getuid?.() !== 0;
  const identity: Identity = {
    name: folder.name,
    id,
    createdAt: new Date().toISOString(),
    bootId: bootId(),
    rootless,
    subnet: claimSubnet(root, folder.name, id, topology.subnet, rootless ? [] : hostRoutes()),
    ipv6: existsSync("/proc/net/if_inet6"),
    hostInterface: `brume${id.slice(0, 8)}`,
  };
  folder.write("lab.json", identity);
  return identity;
}

function hostRoutes() {
  const netlink = new Netlink();
  try {
    return listRoutes4(netlink);
  } finally {
    netlink.close();
  }
}
