/** What a node of a topology asks of its virtual machine, with what is taken where it says nothing. */
import { deviceOf, loadDeviceClass } from "#testbed/devices/device-class.ts";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import { type Architecture, architectures, isArchitecture, ownArchitecture } from "./architectures.ts";

export type MachineSettings = {
  architecture: Architecture;
  memoryBytes: number;
  cpus: number;
  /** Empty, of this size, or a copy of the person's. */
  disk: { bytes: number } | { image: string };
  /** The person's own kernel, in place of Debian's. */
  kernel?: string;
};

/** What the guest itself and Node.js need on top of what a device class allows a node's own processes. */
const ownNeedBytes = 256 * 2 ** 20;
const defaultMemoryBytes = 2 ** 30;
/** A sparse file: what a node writes is what it takes. */
const diskBytes = 16 * 2 ** 30;

/** With a device class a machine has its cores and memory, and is held to its speed from inside, as a real board is. */
export function machineSettings({ device, settings }: NodeSpec): MachineSettings {
  const model = device === "none" ? undefined : deviceOf(loadDeviceClass(device));
  const asked = settings.arch === undefined ? (ownArchitecture() ?? "x86_64") : String(settings.arch);
  if (!isArchitecture(asked)) throw new Error(`there is no architecture ${asked}`);
  return {
    architecture: architectures[asked],
    memoryBytes: Number(
      settings.memoryBytes ?? (model ? model.memoryBytes + ownNeedBytes : defaultMemoryBytes),
    ),
    cpus: Number(settings.cpus ?? model?.cores ?? 1),
    disk: settings.image === undefined ? { bytes: diskBytes } : { image: String(settings.image) },
    ...(settings.kernel !== undefined && { kernel: String(settings.kernel) }),
  };
}
