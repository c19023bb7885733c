/** Where the kernels and first file systems of guests are kept, and whether what is there is what this brume boots. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "#testbed/user-error.ts";
import type { ArchitectureName } from "./architectures.ts";

/** Of one architecture, in the user's cache folder. */
export type Guest = {
  folder: string;
  kernel: string;
  initrd: string;
  root: string;
  tree: string;
  description: string;
};

const here = fileURLToPath(new URL("./", import.meta.url));
/** What decides what a guest is: with other content another guest is made beside the old one. */
const decisive = ["guest-packages.ts", "guest-tree.ts", "kernel-modules.ts", "make-guest.ts"];

export function guestFolder(architecture: ArchitectureName, env: NodeJS.ProcessEnv = process.env): string {
  const cache = env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "brume", "qemu", architecture, revision());
}

export function guestIn(folder: string): Guest {
  return {
    folder,
    kernel: join(folder, "vmlinuz"),
    initrd: join(folder, "initrd"),
    root: join(folder, "root.ext4"),
    tree: join(folder, "tree"),
    description: join(folder, "guest.json"),
  };
}

/** Undefined where none was made yet; it appears as a whole. */
export function findGuest(
  architecture: ArchitectureName,
  env: NodeJS.ProcessEnv = process.env,
): Guest | undefined {
  const guest = guestIn(guestFolder(architecture, env));
  return existsSync(guest.description) ? guest : undefined;
}

export function needGuest(architecture: ArchitectureName): Guest {
  const guest = findGuest(architecture);
  if (guest) return guest;
  throw new UserError(
    "no-guest",
    `there is no kernel and root for ${architecture} machines yet`,
    "sudo ./brume setup qemu",
  );
}

function revision(): string {
  const hash = createHash("sha256");
  const own = readdirSync(join(here, "guest"), { recursive: true, encoding: "utf8" }).sort();
  for (const path of [...decisive, ...own.map((name) => join("guest", name))]) {
    hash.update(path).update(readFileSync(join(here, path)));
  }
  return hash.digest("hex").slice(0, 16);
}
