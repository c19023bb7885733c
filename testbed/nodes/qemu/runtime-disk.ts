/**
 * Disks with Node.js and with brume on them, where brume on other machines looks for what was brought there: guests of
 * one architecture share them, and nothing of it has to travel through an emulated processor's ssh.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Content } from "../ssh/bring.ts";
import { ownNode, ownProgram } from "../ssh/own-program.ts";
import { cacheFolder } from "../ssh/pack.ts";
import type { Architecture } from "./architectures.ts";
import { makeSharedDisk } from "./disk-image.ts";

/** Root's cache folder in a guest. */
const placeInGuest = "root/.cache/brume";
/** Of each kind: more than one brume may run on this machine. */
const keptDisks = 3;

/** Made when Node.js or the program has changed since the last time. */
export async function runtimeDisks(architecture: Architecture, nowMs: number): Promise<string[]> {
  const cpu = architecture.node;
  const [node, program] = await Promise.all([ownNode(cpu), ownProgram(cpu)]);
  if (!node) throw new Error(`Node.js is not published for ${cpu}`);
  const folder = join(cacheFolder(), "qemu", architecture.name);
  mkdirSync(folder, { recursive: true });
  return [await diskOf("node", node, folder, nowMs), await diskOf("program", program, folder, nowMs)];
}

async function diskOf(
  kind: "node" | "program",
  content: Content,
  folder: string,
  nowMs: number,
): Promise<string> {
  const path = join(folder, `${kind}-${content.hash}.ext4`);
  if (!existsSync(path)) {
    forgetOld(folder, `${kind}-`);
    await makeDisk(path, join(placeInGuest, kind, content.hash), content);
  }
  utimesSync(path, nowMs / 1000, nowMs / 1000);
  return path;
}

async function makeDisk(path: string, place: string, { files }: Content): Promise<void> {
  const scratch = mkdtempSync(join(dirname(path), "make-"));
  try {
    let bytes = 0;
    for (const { folder, names } of await files()) {
      for (const name of names) bytes += copy(join(folder, name), join(scratch, "tree", place, name));
    }
    const unfinished = join(scratch, "disk");
    await makeSharedDisk(unfinished, join(scratch, "tree"), bytes);
    renameSync(unfinished, path);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Returns how much of a disk it takes. */
function copy(from: string, to: string): number {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  return Math.ceil(statSync(to).size / 4096) * 4096;
}

/** A machine that uses one keeps it open, and makes it again when it boots again. */
function forgetOld(folder: string, prefix: string): void {
  const lastUsed = (path: string) => statSync(path).mtimeMs;
  const disks = readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith(".ext4"))
    .map((name) => join(folder, name))
    .sort((one, other) => lastUsed(other) - lastUsed(one));
  for (const path of disks.slice(keptDisks - 1)) rmSync(path, { force: true });
}
