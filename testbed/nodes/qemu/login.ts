/** How one logs in to a virtual machine of a lab: everything that ssh asks a person for elsewhere, brume has made itself. */
import { Connection } from "../ssh/connection.ts";
import { Machine } from "../ssh/machine.ts";
import type { Cable } from "./cable.ts";
import { keyFiles } from "./keys.ts";
import type { MachineFolder } from "./machine-record.ts";

/** Under which name its host key is known. */
export function keyAlias(labId: string, number: number): string {
  return `brume-${labId}-${number}`;
}

/** Emulated machines take their time over a handshake. */
const connectTimeoutMs = 30_000;

export function loginTo(folder: MachineFolder, { there }: Cable, alias: string): Machine {
  const { key, knownHosts } = keyFiles(folder.path);
  return new Machine(
    new Connection(
      {
        alias: "its virtual machine",
        host: there,
        port: 22,
        user: "root",
        keys: [key],
        onlyTheseKeys: true,
        keyAlias: alias,
        knownHosts: [knownHosts],
        jumps: [],
      },
      { connectTimeoutMs },
    ),
  );
}
