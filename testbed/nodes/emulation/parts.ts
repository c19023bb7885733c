/** What containers of another processor are made of: the tree that guests of it have, and its Node.js. */
import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { ImageEntry } from "../docker/image-archive.ts";
import type { ImageParts } from "../docker/own-image.ts";
import type { Architecture } from "../qemu/architectures.ts";
import { needGuest } from "../qemu/guest-store.ts";
import { ownNode } from "../ssh/own-program.ts";

const nodePath = "/usr/local/bin/node";
/** What only a machine that boots has a use for. */
const notInContainers = /^\/(etc\/ssh|proc|sys|dev)(\/|$)/;

export async function emulatedParts(architecture: Architecture): Promise<ImageParts> {
  const { tree } = needGuest(architecture.name);
  const entries: ImageEntry[] = [
    ...["/dev", "/proc", "/sys", "/usr/local", "/usr/local/bin"].map((path) => ({
      path,
      folder: true as const,
    })),
    ...entriesBelow(tree).filter(({ path }) => !notInContainers.test(path)),
    { path: nodePath, local: await emulatedNode(architecture) },
  ];
  return { architecture: architecture.debian, entries, node: nodePath };
}

/** A file of this machine. */
export async function emulatedNode(architecture: Architecture): Promise<string> {
  const content = await ownNode(architecture.node);
  const [files] = (await content?.files()) ?? [];
  if (!files) throw new Error(`Node.js is not published for ${architecture.node}`);
  return join(files.folder, files.names[0]!);
}

/** A folder before what lies in it. Links to folders are links: readdir's own recursion would go through them. */
function entriesBelow(tree: string, folder = ""): ImageEntry[] {
  return readdirSync(join(tree, folder), { withFileTypes: true }).flatMap((entry): ImageEntry[] => {
    const path = `${folder}/${entry.name}`;
    const local = join(tree, path);
    if (entry.isSymbolicLink()) return [{ path, linksTo: readlinkSync(local) }];
    const mode = lstatSync(local).mode & 0o7777;
    if (entry.isDirectory()) return [{ path, folder: true, mode }, ...entriesBelow(tree, path)];
    return [{ path, local, mode }];
  });
}
