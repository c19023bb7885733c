/** Disks of virtual machines: an empty one for a node to keep its files on, and one made of a tree that many share. */
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { capture } from "#testbed/capture.ts";
import { findCommand } from "#testbed/doctor/commands.ts";
import { UserError } from "#testbed/user-error.ts";
import type { ArchiveEntry } from "./cpio.ts";

/** Unless it is there: what a node wrote outlives its machine. An image is left as it is, and a copy of it used. */
export async function makeDisk(path: string, wanted: { bytes: number } | { image: string }): Promise<void> {
  if (existsSync(path)) return;
  const unfinished = `${path}.new`;
  if ("image" in wanted) {
    copyFileSync(wanted.image, unfinished, constants.COPYFILE_FICLONE);
    chmodSync(unfinished, 0o600);
  } else {
    writeFileSync(unfinished, "", { mode: 0o600 });
    // A sparse file: it takes what is written into it, and looks this large from inside.
    truncateSync(unfinished, wanted.bytes);
    await makeFileSystem([], unfinished);
  }
  renameSync(unfinished, path);
}

/** QEMU asks to be told, lest what a guest writes to a raw disk makes it one of another format. */
export function formatOf(path: string): "raw" | "qcow2" {
  const head = Buffer.alloc(4);
  const file = openSync(path, "r");
  try {
    readSync(file, head, 0, 4, 0);
  } finally {
    closeSync(file);
  }
  return head.toString("latin1") === "QFI\xfb" ? "qcow2" : "raw";
}

/** `folder` is the tree, root's own whoever runs this. */
export async function makeSharedDisk(path: string, folder: string, contentBytes: number): Promise<void> {
  writeFileSync(path, "");
  // Blocks, inodes and directories on top of the contents; a sparse file, so what is too much costs nothing.
  truncateSync(path, Math.ceil((contentBytes * 1.2 + 32 * 2 ** 20) / 4096) * 4096);
  await makeFileSystem(["-O", "^has_journal", "-m", "0", "-d", folder], path);
}

async function makeFileSystem(options: readonly string[], path: string): Promise<void> {
  const program = findCommand("mke2fs");
  if (program === undefined) {
    throw new UserError(
      "no-mke2fs",
      "mke2fs is missing: it makes the disks of qemu nodes",
      "apt-get install e2fsprogs",
    );
  }
  // Seen as root, an ordinary user's files are root's in the file system too.
  const asRoot = process.getuid?.() === 0 ? [] : ["unshare", "--map-root-user", "--"];
  const command = [...asRoot, program, "-q", "-F", "-t", "ext4", ...options, path];
  const { status, stderr } = await capture(command, process.env);
  if (status !== 0) throw new Error(`mke2fs ended with ${status}: ${stderr.trim()}`);
}

/** Returns how many bytes the files have together. */
export function unpackEntries(entries: readonly ArchiveEntry[], folder: string): number {
  let total = 0;
  for (const entry of entries) {
    const path = join(folder, entry.path);
    switch (entry.type) {
      case "folder":
        mkdirSync(path, { recursive: true });
        chmodSync(path, entry.mode);
        break;
      case "file":
        rmSync(path, { force: true });
        writeFileSync(path, entry.bytes);
        chmodSync(path, entry.mode);
        total += Math.ceil(entry.bytes.length / 4096) * 4096;
        break;
      case "link":
        symlinkSync(entry.target, path);
        break;
      default:
        throw new Error(`unknown entry ${entry satisfies never}`);
    }
  }
  return total;
}
