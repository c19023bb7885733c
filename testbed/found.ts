/** Founds a lab: gives it an identity and an address range before anything of it exists. */
import { existsSync } from "node:fs";
import { createFolder, type Identity, type LabFolder, newLabId } from "./lab.ts";
import { listRoutes4 } from "./linux/links.ts";
import { Netlink } from "./linux/netlink.ts";
import { forgetPlaces } from "./nodes/ssh/place-record.ts";
import { bootId } from "./processes.ts";
import { claimSubnet } from "./subnet-claim.ts";
import type { Topology } from "./topology/topology.ts";

export function found(folder: LabFolder, root: string, topology: Topology): Identity {
  const known = folder.identity();
  if (known?.bootId === bootId()) return known;
  if (known) return foundAgain(folder, root, topology, known);
  createFolder(folder);
  const id = newLabId();
  const rootless = process.getuid?.() !== 0;
  const identity: Identity = {
    name: folder.name,
    id,
    createdAt: new Date().toISOString(),
    bootId: bootId(),
    rootless,
    subnet: claim(folder, root, topology, id, rootless),
    ipv6: existsSync("/proc/net/if_inet6"),
    hostInterface: `brume${id.slice(0, 8)}`,
  };
  folder.write("lab.json", identity);
  return identity;
}

/**
 * The machine was restarted: what the lab's record speaks of is gone, its addresses may be someone else's now. The
 * identity comes last, so that who is killed in between does all of this again.
 */
function foundAgain(folder: LabFolder, root: string, topology: Topology, known: Identity): Identity {
  for (const name of ["keeper.json", "journal.jsonl", "topology.json", "limits.json"] as const)
    folder.forget(name);
  forgetPlaces(folder);
  const subnet = claim(folder, root, topology, known.id, known.rootless);
  const again: Identity = { ...known, bootId: bootId(), subnet };
  folder.write("lab.json", again);
  return again;
}

function claim(folder: LabFolder, root: string, topology: Topology, id: string, rootless: boolean) {
  return claimSubnet(root, folder.name, id, topology.subnet, rootless ? [] : hostRoutes());
}

function hostRoutes() {
  const netlink = new Netlink();
  try {
    return listRoutes4(netlink);
  } finally {
    netlink.close();
  }
}
