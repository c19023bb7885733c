/** Runs one virtual machine: boots it on its disk, and ends it as a loss of power does. */
import { spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { bootId, killAll, startTicks } from "#testbed/processes.ts";
import { UserError } from "#testbed/user-error.ts";
import { chooseAccelerator } from "./accelerator.ts";
import { type Cable, cableMtuBytes, chooseCable } from "./cable.ts";
import { type Accelerator, commandLine } from "./command-line.ts";
import { type ArchiveEntry, cpioArchive } from "./cpio.ts";
import { formatOf, makeDisk } from "./disk-image.ts";
import type { Guest } from "./guest-store.ts";
import { type MachineKeys, machineKeys } from "./keys.ts";
import type { MachineFolder, MachineRecord } from "./machine-record.ts";
import type { MachineSettings } from "./settings.ts";
import { openCable } from "./tap.ts";

export type MachineParts = {
  folder: MachineFolder;
  guest: Guest;
  /** Disks of things that guests of the architecture share, beside the root. */
  sharedDisks: readonly string[];
  settings: MachineSettings;
  node: { name: string; labId: string; number: number; keyAlias: string };
  /** What marks the process as the lab's, as its environment has it. */
  marks: Readonly<Record<string, string>>;
};

const interfacePatienceMs = 10_000;

export type Running = {
  record: MachineRecord;
  /** Aborted when the machine ends, with a UserError that says what it said last. */
  ended: AbortSignal;
};

/** A machine that is running already is ended first: nobody knows how far it came. */
export async function bootMachine(parts: MachineParts): Promise<Running> {
  const { folder, guest, settings, node } = parts;
  await endMachine(folder);
  folder.make();
  const keys = await machineKeys(folder.path, node.keyAlias);
  await makeDisk(folder.file("disk"), settings.disk);
  const cable = folder.record()?.cable ?? chooseCable(node.labId, node.number, ownAddresses());
  writeArchive(
    folder,
    guest,
    nodeEntries(node.name, "image" in settings.disk ? "image" : "node", cable, keys),
  );
  const choice = await chooseAccelerator(settings.architecture, guest);
  const { child, ended } = launch(parts, choice.accelerator, cable);
  const record: MachineRecord = {
    pid: child.pid!,
    startTicks: startTicks(child.pid!)!,
    bootId: bootId(),
    cable,
    architecture: settings.architecture.name,
    ...choice,
    memoryBytes: settings.memoryBytes,
    cpus: settings.cpus,
  };
  folder.write(record);
  await connectCable(cable, ended);
  return { record, ended };
}

/** Whatever state it is in. Its interface goes with it. */
export async function endMachine(folder: MachineFolder): Promise<boolean> {
  const find = () => folder.runningPid() ?? [];
  const wasRunning = folder.runningPid() !== undefined;
  const gone = await killAll(() => [find()].flat(), sleep);
  if (!gone) throw new Error(`the machine of ${folder.path} outlives a kill`);
  return wasRunning;
}

function launch(parts: MachineParts, accelerator: Accelerator, cable: Cable) {
  const { folder, guest, settings, sharedDisks, marks } = parts;
  const words = commandLine({
    architecture: settings.architecture,
    accelerator,
    memoryBytes: settings.memoryBytes,
    cpus: settings.cpus,
    kernel: settings.kernel ?? guest.kernel,
    initrd: folder.file("initrd"),
    disk: { path: folder.file("disk"), format: formatOf(folder.file("disk")) },
    sharedDisks: [guest.root, ...sharedDisks],
    tap: cable,
    console: folder.file("console.log"),
  });
  rmSync(folder.file("console.log"), { force: true });
  const log = openSync(folder.file("qemu.log"), "w", 0o600);
  // A machine without its keeper has no link and no use: it ends with the keeper, however that ends.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...words], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, ...marks },
  });
  closeSync(log);
  child.unref();
  const controller = new AbortController();
  const lastWords = () => [folder.file("qemu.log"), folder.file("console.log")].map(tail).join("").trim();
  child.once("error", (cause) => controller.abort(ended(cause.message)));
  child.once("exit", () => controller.abort(ended(lastWords())));
  return { child, ended: controller.signal };
}

function ended(lastWords: string): UserError {
  return new UserError(
    "machine-ended",
    `the virtual machine ended by itself; its last words:\n${lastWords}`,
    "is there enough memory for it? ./brume setup qemu makes its kernel and root anew",
  );
}

function tail(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8").slice(-1500) : "";
}

async function connectCable(cable: Cable, ended: AbortSignal): Promise<void> {
  const patienceEndsMs = performance.now() + interfacePatienceMs;
  while (!openCable(cable)) {
    ended.throwIfAborted();
    if (performance.now() > patienceEndsMs) throw new Error(`QEMU does not make its interface ${cable.name}`);
    await sleep(10);
  }
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}

/** The kernel unpacks one archive after the other out of one file. */
function writeArchive(folder: MachineFolder, guest: Guest, entries: readonly ArchiveEntry[]): void {
  const path = folder.file("initrd");
  rmSync(path, { force: true });
  writeFileSync(path, readFileSync(guest.initrd), { mode: 0o600 });
  appendFileSync(path, cpioArchive(entries));
}

function nodeEntries(name: string, root: string, cable: Cable, keys: MachineKeys): ArchiveEntry[] {
  const settings = `NAME=${name}\nADDRESS=${cable.there}/${cable.prefix}\nMTU=${cableMtuBytes}\nROOT=${root}\n`;
  const file = (path: string, bytes: Uint8Array): ArchiveEntry => ({
    path: `node/${path}`,
    type: "file",
    mode: 0o600,
    bytes,
  });
  return [
    { path: "node", type: "folder", mode: 0o700 },
    file("settings", Buffer.from(settings)),
    file("host-key", keys.hostKey),
    file("authorized-keys", keys.authorizedKeys),
  ];
}
