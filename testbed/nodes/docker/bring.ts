/**
 * What a lab's people bring to its nodes: copied once by its content into a folder of this machine that every container
 * of every lab sees, so it costs no container anything, and one that exists already has it too.
 */
import { createHash, randomBytes } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { chmod, copyFile, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { LabFolder } from "#testbed/lab.ts";

export function broughtFolder(folder: LabFolder): string {
  return resolve(folder.path, "..", "..", "for-containers");
}

/** Links are followed, so that what is brought stands by itself. */
type Piece = { path: string; relative: string; isFolder: boolean; isProgram: boolean };

/** Returns its path below `folder`. */
export async function bringInto(folder: string, path: string): Promise<string> {
  const pieces: Piece[] = [];
  for await (const piece of walk(resolve(path), basename(resolve(path)))) pieces.push(piece);
  const name = join(await contentOf(pieces), basename(resolve(path)));
  if (await isThere(join(folder, name))) return name;
  const partial = join(folder, `.${randomBytes(6).toString("hex")}.partial`);
  try {
    await mkdir(partial, { recursive: true });
    for (const piece of pieces) await copyPiece(piece, join(partial, piece.relative));
    await rename(partial, join(folder, dirname(name))).catch(async (error) => {
      if (!(await isThere(join(folder, name)))) throw error; // Another command was faster.
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return name;
}

async function* walk(path: string, relative: string): AsyncGenerator<Piece> {
  const found = await stat(path);
  yield { path, relative, isFolder: found.isDirectory(), isProgram: (found.mode & 0o111) !== 0 };
  if (!found.isDirectory()) return;
  for (const name of (await readdir(path)).sort()) yield* walk(join(path, name), join(relative, name));
}

async function contentOf(pieces: readonly Piece[]): Promise<string> {
  const all = createHash("sha256");
  for (const { path, relative, isFolder, isProgram } of pieces) {
    const content = createHash("sha256");
    if (!isFolder) for await (const part of createReadStream(path)) content.update(part as Buffer);
    all.update(JSON.stringify([relative, isFolder, isProgram, content.digest("hex")]));
  }
  return all.digest("hex").slice(0, 32);
}

/** Readable by everybody: an image may run its commands as any user. */
async function copyPiece({ path, isFolder, isProgram }: Piece, target: string): Promise<void> {
  if (isFolder) return void (await mkdir(target, { mode: 0o755 }));
  await copyFile(path, target, constants.COPYFILE_FICLONE);
  await chmod(target, isProgram ? 0o755 : 0o644);
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
