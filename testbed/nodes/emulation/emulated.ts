/**
 * Whether a container is of another processor than this machine, whether this machine can run it all the same, and how
 * much slower it does so.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { capture } from "#testbed/capture.ts";
import { hostScores } from "#testbed/devices/host-scores.ts";
import { kernelsRevision, type Measured, type Scores } from "#testbed/devices/kernels.ts";
import { type Emulation, recordEmulation } from "#testbed/emulation.ts";
import type { LabFolder } from "#testbed/lab.ts";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import { machineKey } from "../qemu/accelerator.ts";
import { type Architecture, architectures, isArchitecture, ownArchitecture } from "../qemu/architectures.ts";
import { findGuest, type Guest, needGuest } from "../qemu/guest-store.ts";
import { slowdownBetween } from "../qemu/slowdown.ts";
import { findRule, ruleName } from "./binfmt.ts";
import { emulatedNode } from "./parts.ts";

/** Undefined for a node of this machine's own processor. */
export function emulatedArchitecture({ settings }: Pick<NodeSpec, "settings">): Architecture | undefined {
  const asked = settings.arch === undefined ? undefined : String(settings.arch);
  return asked === undefined || asked === ownArchitecture() || !isArchitecture(asked)
    ? undefined
    : architectures[asked];
}

export function checkEmulation({ name, settings }: NodeSpec): void {
  const architecture = emulatedArchitecture({ settings });
  if (!architecture) return;
  const get =
    "sudo ./brume setup arm64 (it tells this machine's kernel to run them by QEMU, until its next boot)";
  if (architecture.name !== "aarch64") {
    const what = `node ${name}: containers of ${architecture.name} are not emulated, only those of aarch64`;
    throw new UserError("no-emulation", what, "give the node kind: qemu, or remove arch:", 2);
  }
  if (!findGuest(architecture.name)) {
    const what = `node ${name}: there is nothing here yet that ${architecture.name} containers are made of`;
    throw new UserError("no-emulation", what, get);
  }
  if (!findRule()) {
    const what = `node ${name}: this machine's kernel does not know what runs programs of ${architecture.name}`;
    throw new UserError("no-emulation", what, get);
  }
}

/** What a core of this machine reaches when it emulates the node's; undefined for one that it need not emulate. */
export async function emulatedScores(spec: Pick<NodeSpec, "settings">): Promise<Scores | undefined> {
  const architecture = emulatedArchitecture(spec);
  return architecture && (await scoresOf(architecture));
}

/** For whoever only looks, and does not wait for a measurement. */
export function keptEmulatedScores(spec: Pick<NodeSpec, "settings">): Scores | "unmeasured" | undefined {
  const architecture = emulatedArchitecture(spec);
  if (!architecture) return undefined;
  const guest = findGuest(architecture.name);
  const file = guest && speedFile(guest);
  return file !== undefined && existsSync(file) ? readScores(file) : "unmeasured";
}

export async function noteEmulation(
  folder: LabFolder,
  node: string,
  architecture: Architecture,
): Promise<void> {
  const because = `binfmt_misc rule ${findRule()?.name ?? ruleName}: a container of ${architecture.name} on ${process.arch}`;
  const slowdown = slowdownBetween(await hostScores(), await scoresOf(architecture));
  const emulation: Emulation = { architecture: architecture.name, by: "qemu-user", because, slowdown };
  recordEmulation(folder, node, emulation);
}

const kernels = fileURLToPath(new URL("../../devices/kernels-main.ts", import.meta.url));
const measured = new Map<string, Promise<Scores>>();

/** Of the emulator itself, by processor time: a container adds nothing to it. Measured once and kept. */
async function scoresOf(architecture: Architecture): Promise<Scores> {
  const guest = needGuest(architecture.name);
  const file = speedFile(guest);
  // Nodes are made several at a time, and measurements side by side would slow each other down.
  const scores = measured.get(file) ?? keptScores(file, guest.tree, architecture);
  measured.set(file, scores);
  scores.catch(() => measured.delete(file));
  return await scores;
}

async function keptScores(file: string, tree: string, architecture: Architecture): Promise<Scores> {
  if (!existsSync(file)) {
    const interpreter = findRule()?.interpreter ?? "qemu-aarch64-static";
    const command = [interpreter, "-L", tree, await emulatedNode(architecture), kernels, "3", "1"];
    const { status, stdout, stderr } = await capture(command, process.env);
    if (status !== 0) throw new Error(`the emulator's speed cannot be measured: ${stderr.trim()}`);
    writeFileSync(`${file}.${process.pid}`, JSON.stringify((JSON.parse(stdout) as Measured).byCpu));
    renameSync(`${file}.${process.pid}`, file);
  }
  return readScores(file);
}

const speedFile = ({ folder }: Guest) => join(folder, `speed-user-${machineKey()}-${kernelsRevision}.json`);
const readScores = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Scores;
