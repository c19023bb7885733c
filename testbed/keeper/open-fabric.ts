/** Chooses what makes a lab's links slow, and opens it. */
import { join } from "node:path";
import type { LabFolder } from "#testbed/lab.ts";
import type { Subnet } from "#testbed/network/addresses.ts";
import type { Network } from "#testbed/network/conditions.ts";
import type { Fabric } from "#testbed/network/fabric.ts";
import { chooseFabric } from "#testbed/network/netem/choose-fabric.ts";
import { NetemFabric } from "#testbed/network/netem/netem-fabric.ts";
import { runCommand } from "#testbed/network/netem/run-command.ts";
import { netemSupport } from "#testbed/network/netem/support.ts";
import { WireFabric } from "#testbed/network/wire/wire-fabric.ts";
import type { Topology } from "#testbed/topology/topology.ts";
import { hostMac, interfaceBase, type Namespaces, nodeMac } from "./namespaces.ts";

export type FabricChoice = ReturnType<typeof chooseFabric>;

export async function chooseFabricFor(topology: Topology, network: Network): Promise<FabricChoice> {
  // The keeper is root where it stands, in an ordinary user's namespace too.
  const support = topology.fabric === "wire" ? { lacks: [] } : await netemSupport(runCommand, true);
  return chooseFabric(topology.fabric, support, network);
}

export type FabricPlace = {
  namespaces: Namespaces;
  subnet: Subnet;
  topology: Topology;
  network: Network;
  folder: LabFolder;
};

export async function openFabric(kind: FabricChoice["fabric"], place: FabricPlace): Promise<Fabric> {
  const { namespaces, subnet, topology, network, folder } = place;
  const { mtuBytes, seed } = topology;
  const namespaceFd = namespaces.fabricFd;
  if (kind === "wire") {
    return await WireFabric.start({
      namespaceFd,
      subnet,
      interfaceBase,
      hostMac,
      macOf: nodeMac,
      mtuBytes,
      seed,
      network,
    });
  }
  return new NetemFabric({
    subnet,
    mtuBytes,
    tablesFolder: join(folder.path, "netem-tables"),
    namespacePath: (place) =>
      `/proc/${process.pid}/fd/${place === "fabric" ? namespaceFd : namespaces.fdOf(place)}`,
  });
}
