/**
 * Makes the kernel and the first file system that virtual machines boot, out of Debian's packages of the machine's
 * architecture, once. It installs nothing, and needs a network and, for packages, apt-get and dpkg-deb.
 */
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { capture } from "#testbed/capture.ts";
import { UserError } from "#testbed/user-error.ts";
import type { Architecture } from "./architectures.ts";
import { cpioArchive } from "./cpio.ts";
import { makeSharedDisk, unpackEntries } from "./disk-image.ts";
import { aptSettings, askedPackages, chosenPackages } from "./guest-packages.ts";
import { type Guest, guestFolder, guestIn } from "./guest-store.ts";
import { type GuestParts, guestArchive, guestRoot } from "./guest-tree.ts";
import { readModuleInfo } from "./kernel-modules.ts";

const ownFolder = new URL("./guest/", import.meta.url);

export async function makeGuest(
  architecture: Architecture,
  progress: (line: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Guest> {
  const folder = guestFolder(architecture.name, env);
  mkdirSync(dirname(folder), { recursive: true });
  // Beside the result, so that putting it in place is one rename.
  const scratch = mkdtempSync(join(dirname(folder), "make-"));
  try {
    const packages = await fetchPackages(architecture, scratch, env, progress);
    progress(`${architecture.name}: putting a guest together`);
    const made = guestIn(join(scratch, "guest"));
    mkdirSync(made.folder);
    await writeGuest(join(scratch, "root"), made, env);
    writeFileSync(made.description, `${JSON.stringify({ architecture: architecture.name, packages })}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(made.folder, folder);
    return guestIn(folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Fetched and unpacked into the scratch folder's root; returns their files' names, which say their versions. */
async function fetchPackages(
  architecture: Architecture,
  scratch: string,
  env: NodeJS.ProcessEnv,
  progress: (line: string) => void,
): Promise<string[]> {
  const apt = join(scratch, "apt");
  for (const each of ["state/lists/partial", "cache/archives/partial"])
    mkdirSync(join(apt, each), { recursive: true });
  writeFileSync(join(apt, "status"), "");
  writeFileSync(join(apt, "apt.conf"), aptSettings(architecture, apt));
  const asking = { ...env, APT_CONFIG: join(apt, "apt.conf") };
  progress(`${architecture.name}: asking Debian for its packages`);
  await run(["apt-get", "-qq", "-o", "Acquire::Retries=3", "update"], asking);
  const words = ["--no-install-recommends", "install", ...askedPackages(architecture)];
  const chosen = chosenPackages(await run(["apt-get", "-s", "-qq", ...words], asking));
  const debs = join(scratch, "debs");
  mkdirSync(debs);
  progress(`${architecture.name}: fetching ${chosen.length} packages`);
  const fetch = [
    "sh",
    "-c",
    'cd "$1" && shift && exec apt-get -qq -o Acquire::Retries=3 download "$@"',
    "sh",
  ];
  await run([...fetch, debs, ...chosen], asking);
  const files = readdirSync(debs).sort();
  for (const file of files) await run(["dpkg-deb", "-x", join(debs, file), join(scratch, "root")], env);
  return files;
}

async function writeGuest(packed: string, guest: Guest, env: NodeJS.ProcessEnv): Promise<void> {
  const kernel = readdirSync(join(packed, "boot")).find((name) => name.startsWith("vmlinuz-"));
  if (kernel === undefined) throw new Error("Debian's kernel package has no kernel");
  const kernelVersion = kernel.slice("vmlinuz-".length);
  const folders = ["lib/modules", "usr/lib/modules"].map((folder) => join(packed, folder, kernelVersion));
  const modules = await unpackedModules(folders, env);
  const parts: GuestParts = {
    packages: {
      paths: filesBelow(packed),
      linkTarget: (path) => linkTarget(join(packed, path)),
      read: (path) => readFileSync(join(packed, path)),
    },
    kernelVersion,
    modules: [...modules].map(([path, bytes]) => readModuleInfo(path, bytes)),
    readModule: (path) => modules.get(path)!,
    own: (name) => readFileSync(new URL(name, ownFolder)),
  };
  writeFileSync(guest.initrd, cpioArchive(guestArchive(parts)));
  mkdirSync(guest.tree, { mode: 0o755 });
  await makeSharedDisk(guest.root, guest.tree, unpackEntries(guestRoot(parts), guest.tree));
  rmSync(join(guest.tree, "usr/lib/modules"), { recursive: true });
  writeFileSync(guest.kernel, readFileSync(join(packed, "boot", kernel)));
}

function linkTarget(path: string): string | undefined {
  return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
}

/** All modules of the kernel, by their path below its version's folder. */
async function unpackedModules(
  folders: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Map<string, Uint8Array>> {
  const modules = new Map<string, Uint8Array>();
  for (const folder of folders) {
    const paths = filesBelow(folder).filter((path) => /\.ko(\.\w+)?$/.test(path));
    const packed = paths.filter((path) => path.endsWith(".ko.xz"));
    // Debian packs modules with xz from version 13 on, and one call for a thousand of them is a second.
    if (packed.length > 0)
      await run(["xz", "-d", "-r", "-q", ...packed.map((path) => join(folder, path))], env);
    for (const path of paths) {
      const plain = path.replace(/\.xz$/, "");
      const bytes = readFileSync(join(folder, plain));
      modules.set(plain.replace(/\.zst$/, ""), plain.endsWith(".zst") ? zstdDecompressSync(bytes) : bytes);
    }
  }
  return modules;
}

/** Files and links to files, relative to the folder; none where there is no such folder. */
function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      .map((entry) => join(relative(folder, entry.parentPath), entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function run(command: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const missing = (cause: unknown) =>
    new UserError(
      "no-apt",
      `${command[0]} is not here, and guests are made of Debian's packages`,
      "make them on Debian or its kin, and copy brume's cache folder (~/.cache/brume/qemu)",
      1,
      { cause },
    );
  const { status, stdout, stderr } = await capture(command, env).catch((error: unknown) => {
    throw missing(error);
  });
  if (status === 0) return stdout;
  const what = `${basename(command[0]!)} ended with ${status}:\n${stderr.trim().slice(-2000)}`;
  throw new UserError(
    "guest-failed",
    what,
    "see its message; with a network and a sources list it can be run again",
  );
}
