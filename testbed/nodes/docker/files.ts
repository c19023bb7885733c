/**
 * Files of a container, as a process in it would find them: read and written from outside, under the container's own
 * root. Docker's own copying does not see what is mounted in a container, and writes a file in place.
 */
import { randomBytes } from "node:crypto";
import { chownSync, constants, mkdirSync } from "node:fs";
import { chmod, chown, copyFile, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { openInRoot, withOpened } from "#testbed/linux/open-in-root.ts";
import { close, SystemCallError } from "#testbed/linux/syscalls.ts";
import { UserError } from "#testbed/user-error.ts";
import { diskFull } from "../disk-full.ts";
import type { FileContent } from "../node.ts";

/** A container of this machine: its root, by an open descriptor, and whose files it makes. */
export type ContainerRoot = { fd: number; node: string; owner: { uid: number; gid: number } };

export type FileToPut = { path: string; content: FileContent; mode: number };

/** By rename, so that nobody reads half of it. */
export async function putInto(root: ContainerRoot, { path, content, mode }: FileToPut): Promise<void> {
  try {
    await withOpened(openFolder(root, dirname(path)), async (folder) => {
      const partial = join(folder, `.${randomBytes(6).toString("hex")}.partial`);
      try {
        if ("local" in content) await copyFile(content.local, partial, constants.COPYFILE_EXCL);
        else await writeFile(partial, content.bytes, { flag: "wx" });
        await chown(partial, root.owner.uid, root.owner.gid);
        await chmod(partial, mode);
        await rename(partial, join(folder, basename(path)));
      } finally {
        await rm(partial, { force: true });
      }
    });
  } catch (error) {
    throw told(root.node, path, error);
  }
}

export async function getFrom(root: ContainerRoot, path: string): Promise<Buffer> {
  try {
    return await withOpened(openInRoot(root.fd, path, constants.O_RDONLY), (opened) => readFile(opened));
  } catch (error) {
    throw told(root.node, path, error);
  }
}

/** Makes it and the folders on the way to it. The result is whoever opens it to close. */
export function openFolder(root: ContainerRoot, path: string): number {
  try {
    return openInRoot(root.fd, path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if (!isErrno(error, "ENOENT") || path === "/") throw error;
  }
  const parent = openFolder(root, dirname(path));
  try {
    const made = `/proc/self/fd/${parent}/${basename(path)}`;
    mkdirSync(made);
    chownSync(made, root.owner.uid, root.owner.gid);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  } finally {
    close(parent);
  }
  return openInRoot(root.fd, path, constants.O_RDONLY | constants.O_DIRECTORY);
}

function isErrno(error: unknown, name: string): boolean {
  return (error instanceof SystemCallError ? error.errno : (error as NodeJS.ErrnoException).code) === name;
}

/** Without the path through which we reached it, which says nothing to a person. */
function told(node: string, path: string, error: unknown): unknown {
  const name = error instanceof SystemCallError ? error.errno : (error as NodeJS.ErrnoException).code;
  if (name === "ENOSPC" || name === "EDQUOT") return diskFull(node, path, error);
  const said: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    ENOTDIR: "a part of the path is a file",
    EISDIR: "it is a folder",
    EROFS: "that folder is read-only",
    EACCES: "it may not be reached",
  };
  const what = name === undefined ? undefined : said[name];
  if (what === undefined) return error;
  return new UserError("node-file", `${node}: ${path}: ${what}`, "name another path", 1, { cause: error });
}
