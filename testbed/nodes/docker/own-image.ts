/**
 * The image of nodes that name none: this machine's Node.js with the libraries that it needs, and busybox. Made from
 * files that are here already, once for each content of theirs.
 */
import { realpathSync } from "node:fs";
import { basename } from "node:path";
import type Dockerode from "dockerode";
import { capture } from "#testbed/capture.ts";
import { findCommand, installCommand } from "#testbed/doctor/commands.ts";
import { UserError } from "#testbed/user-error.ts";
import { nodeLabel } from "./container-options.ts";
import { statusOf } from "./engine.ts";
import { contentName, type ImageEntry, loadImage } from "./image-archive.ts";

const nodePath = "/usr/local/bin/node";
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** As Node.js calls what kernels call so. */
export const processorNames: Readonly<Record<string, string>> = {
  x86_64: "x64",
  amd64: "x64",
  aarch64: "arm64",
  arm64: "arm64",
};

/** Found through the name service that `getent` and every other program uses; it is loaded by name at run time. */
const nameService = ["libnss_files.so.2", "libnss_dns.so.2"];

const settled: readonly ImageEntry[] = [
  ...["/dev", "/etc", "/proc", "/sys", "/var", "/var/tmp", "/run"].map((path) => ({
    path,
    folder: true as const,
  })),
  { path: "/root", folder: true, mode: 0o700 },
  { path: "/tmp", folder: true, mode: 0o1777 },
  {
    path: "/etc/passwd",
    bytes: Buffer.from("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"),
  },
  { path: "/etc/group", bytes: Buffer.from("root:x:0:\nnogroup:x:65534:\n") },
  { path: "/etc/nsswitch.conf", bytes: Buffer.from("hosts: files dns\n") },
  // Or a name has only one address in the C library's eyes.
  { path: "/etc/host.conf", bytes: Buffer.from("multi on\n") },
];

/** What a node's image is made of; another processor's is emulated. */
export type ImageParts = {
  /** As images name it: amd64, arm64. */
  architecture: string;
  entries: readonly ImageEntry[];
  /** Where Node.js lies in it. */
  node: string;
};

/** Names the image, and makes it when the engine has not got it. */
export async function ownImage(engine: Dockerode, parts: ImageParts): Promise<string> {
  const { architecture, entries, node } = parts;
  const name = `brume-node:${architecture}-${await contentName(entries)}`;
  if (await hasImage(engine, name)) return name;
  await loadImage(engine, {
    name,
    architecture,
    createdAt: new Date(),
    entries,
    environment: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    labels: { [nodeLabel]: node },
    workingDirectory: "/root",
  });
  return name;
}

export async function hasImage(engine: Dockerode, name: string): Promise<boolean> {
  try {
    await engine.getImage(name).inspect();
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

/** Throws where this machine has not got what the image is made of. */
export function findBusybox(): string {
  const found = findCommand("busybox");
  if (found !== undefined) return realpathSync(found);
  throw new UserError(
    "no-busybox",
    "docker nodes that name no image are made of this machine's busybox, which is missing",
    `${installCommand(["busybox"])}, or name an image`,
  );
}

/** Of this machine's own kind. */
export async function ownParts(): Promise<ImageParts> {
  const busybox = findBusybox();
  const node = realpathSync(process.execPath);
  const { stdout: applets } = await capture([busybox, "--list"], process.env);
  const libraries = await librariesOf([node, busybox]);
  const entries: ImageEntry[] = [
    ...settled,
    { path: nodePath, local: node },
    { path: "/bin/busybox", local: busybox },
    ...applets
      .split("\n")
      .filter((name) => name !== "" && name !== "busybox")
      .map((name) => ({ path: `/bin/${name}`, linksTo: "busybox" })),
    ...libraries,
  ];
  return { architecture: architectures[process.arch] ?? process.arch, entries, node: nodePath };
}

/** By the machine's own loader, which knows where it finds each. */
async function librariesOf(programs: readonly string[]): Promise<ImageEntry[]> {
  const found = new Map<string, string>();
  for (const program of programs) {
    const { stdout } = await capture(["ldd", program], { ...process.env, LC_ALL: "C" });
    for (const [path] of stdout.matchAll(/\/\S+/g))
      if (path !== `${program}:`) found.set(path, realpathSync(path));
  }
  for (const path of [...found.keys()].filter((each) => basename(each) === "libc.so.6")) {
    for (const name of nameService) {
      const beside = path.replace(/[^/]*$/, name);
      try {
        found.set(beside, realpathSync(beside));
      } catch {
        // Newer C libraries have it inside.
      }
    }
  }
  return [...found].sort().map(([path, local]) => ({ path, local }));
}
