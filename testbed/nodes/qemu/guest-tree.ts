/**
 * What a guest boots with: an archive that finds the root, and the root that all guests of an architecture share,
 * programs with the libraries that they need and the kernel's modules. Pure: it is given unpacked packages as names and
 * contents, and returns entries.
 */
import type { ArchiveEntry } from "./cpio.ts";
import { elfNeeds } from "./elf.ts";
import { bootModules, chooseModules, inLoadOrder, type ModuleInfo, moduleTables } from "./kernel-modules.ts";

/** The unpacked packages; paths relative to their root, without a / in front. */
export type PackageFiles = {
  paths: readonly string[];
  /** Of a link, what it points to. */
  linkTarget(path: string): string | undefined;
  read(path: string): Uint8Array;
};

/** In the guest folder. */
const ownFiles = ["init", "root-of-node", "root-of-image", "start", "sshd_config"] as const;
type OwnFile = (typeof ownFiles)[number];

export type GuestParts = {
  packages: PackageFiles;
  kernelVersion: string;
  modules: readonly ModuleInfo[];
  /** Of a module's file, unpacked. */
  readModule(path: string): Uint8Array;
  own(name: OwnFile): Uint8Array;
};

type Content = { mode: number; bytes: Uint8Array } | { target: string };
type Tree = Map<string, Content>;

/** What must be there; everything else that the packages have in the same folders comes along. */
const indispensable = ["usr/bin/busybox", "usr/sbin/sshd", "usr/bin/ip", "usr/bin/sh", "usr/bin/nsenter"];
const programPlace = /^usr\/(s?bin|lib\/openssh)\/[^/]+$/;
/** What Node.js is linked with. */
const librariesForNode = ["libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "libdl.so.2", "libpthread.so.0"];
/** What busybox is taken for where the packages have no program of that name: handy, or wanted by the kernel. */
const busyboxNames = [
  ...[
    "awk",
    "clear",
    "find",
    "killall",
    "less",
    "nc",
    "pgrep",
    "poweroff",
    "ps",
    "reboot",
    "telnet",
    "traceroute",
  ],
  ...["tftp", "vi", "wget", "xz", "unzip", "insmod", "lsmod", "rmmod", "modprobe", "modinfo", "which", "xxd"],
];

/** Root's password is one that nothing hashes to; sshd gives up its rights to a user of that name. */
const texts: Readonly<Record<string, string>> = {
  "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/bin/false\n",
  "etc/group": "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n",
  "etc/shadow": "root:*:::::::\n",
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
  "etc/host.conf": "multi on\n",
  "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
  "root/.profile": "export PS1='\\h:\\w# '\n",
};

const rootFolders = [
  "dev",
  "home",
  "mnt",
  "opt",
  "proc",
  "root",
  "run",
  "srv",
  "sys",
  "tmp",
  "var/lib",
  "var/log",
];
const archiveFolders = ["bin", "dev", "new", "own", "proc", "shared", "sys"];
/** Debian moved all of them below usr; some packages still bring files under these names. */
const mergedFolders = ["bin", "sbin", "lib", "lib64"];

export function guestArchive(parts: GuestParts): ArchiveEntry[] {
  const { own, packages } = parts;
  const busybox = packages.paths.find((path) => mergedPath(path) === "usr/bin/busybox");
  if (busybox === undefined) throw new Error("no package has busybox");
  const modules = inLoadOrder(bootModules, plainlyNamed(parts.modules));
  const order = modules.map(({ path }) => `${path}\n`).join("");
  const tree: Tree = new Map([
    ...ownFiles.map((name) => [name, { mode: 0o755, bytes: own(name) }] as const),
    ["bin/busybox", { mode: 0o755, bytes: packages.read(busybox) }],
    ...moduleFiles(parts, "lib/modules", modules),
    [`lib/modules/${parts.kernelVersion}/boot-order`, { mode: 0o644, bytes: Buffer.from(order) }],
  ]);
  return entriesOf(tree, archiveFolders);
}

export function guestRoot(parts: GuestParts): ArchiveEntry[] {
  const { packages } = parts;
  const modules = chooseModules(plainlyNamed(parts.modules));
  const { dep, alias } = moduleTables(modules);
  const tables = `usr/lib/modules/${parts.kernelVersion}`;
  const tree: Tree = new Map([
    ...programs(packages),
    ...moduleFiles(parts, "usr/lib/modules", modules),
    ...Object.entries(texts).map(([path, text]) => [path, textFile(path, text)] as const),
    [`${tables}/modules.dep`, textFile("modules.dep", dep)],
    [`${tables}/modules.alias`, textFile("modules.alias", alias)],
  ]);
  for (const name of busyboxNames) {
    if (!tree.has(`usr/bin/${name}`)) tree.set(`usr/bin/${name}`, { target: "busybox" });
  }
  // The kernel asks for it by this name.
  if (!tree.has("usr/sbin/modprobe")) tree.set("usr/sbin/modprobe", { target: "../bin/modprobe" });
  for (const name of mergedFolders) tree.set(name, { target: `usr/${name}` });
  return entriesOf(tree, [...rootFolders, ...mergedFolders.map((name) => `usr/${name}`)]);
}

function textFile(path: string, text: string): Content {
  return { mode: path === "etc/shadow" ? 0o600 : 0o644, bytes: Buffer.from(text) };
}

/** All programs of the packages, and each library under the name by which programs ask for it. */
function programs({ paths, linkTarget, read }: PackageFiles): Tree {
  const byPlace = new Map(paths.map((path) => [mergedPath(path), path]));
  const libraries = new Map<string, string>();
  for (const place of byPlace.keys()) if (isLibraryPlace(place)) libraries.set(nameOf(place), place);
  const tree: Tree = new Map();
  const take = (place: string, because: string) => {
    if (tree.has(place)) return;
    const path = byPlace.get(place);
    if (path === undefined) throw new Error(`no package has ${place}, which ${because} needs`);
    const bytes = read(path);
    tree.set(place, { mode: 0o755, bytes });
    const needs = elfNeeds(bytes);
    if (needs?.loader !== undefined) take(mergedPath(needs.loader.slice(1)), place);
    for (const library of needs?.libraries ?? []) takeLibrary(library, place);
  };
  const takeLibrary = (name: string, because: string) => {
    const place = libraries.get(name);
    if (place === undefined) throw new Error(`no package has ${name}, which ${because} needs`);
    take(place, because);
  };
  for (const [place, path] of byPlace) {
    if (!programPlace.test(place)) continue;
    const target = linkTarget(path);
    if (target === undefined) take(place, "a guest");
    else tree.set(place, { target });
  }
  for (const place of indispensable) if (!tree.has(place)) throw new Error(`no package has ${place}`);
  for (const library of librariesForNode) takeLibrary(library, "Node.js");
  return tree;
}

/** The folders in which the loader of programs looks by itself. */
function isLibraryPlace(place: string): boolean {
  return /^usr\/lib(64)?(\/[a-z0-9_]+-linux-gnu)?\/[^/]+\.so[^/]*$/.test(place);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function mergedPath(path: string): string {
  return mergedFolders.includes(path.split("/")[0]!) ? `usr/${path}` : path;
}

/** Packed modules are unpacked on the way into a guest. */
function plainlyNamed(modules: readonly ModuleInfo[]): ModuleInfo[] {
  return modules.map((module) => ({ ...module, path: module.path.replace(/\.ko\..*$/, ".ko") }));
}

function moduleFiles(parts: GuestParts, folder: string, chosen: readonly ModuleInfo[]): Tree {
  const packed = new Map(parts.modules.map(({ name, path }) => [name, path]));
  return new Map(
    chosen.map(({ path, name }) => [
      `${folder}/${parts.kernelVersion}/${path}`,
      { mode: 0o644, bytes: parts.readModule(packed.get(name)!) },
    ]),
  );
}

/** Folders before what is in them. */
function entriesOf(tree: Tree, otherFolders: readonly string[]): ArchiveEntry[] {
  const folders = new Set<string>();
  const addFolder = (path: string) => {
    const parts = path.split("/");
    for (let depth = 1; depth <= parts.length; depth++) folders.add(parts.slice(0, depth).join("/"));
  };
  for (const path of tree.keys()) if (path.includes("/")) addFolder(path.slice(0, path.lastIndexOf("/")));
  for (const path of otherFolders) addFolder(path);
  // A folder that all users write to, as anywhere; root's own is root's.
  const modes: Readonly<Record<string, number>> = { tmp: 0o1777, root: 0o700 };
  return [
    ...[...folders]
      .sort()
      .map((path): ArchiveEntry => ({ path, type: "folder", mode: modes[path] ?? 0o755 })),
    ...[...tree].map(
      ([path, content]): ArchiveEntry =>
        "target" in content
          ? { path, type: "link", target: content.target }
          : { path, type: "file", mode: content.mode, bytes: content.bytes },
    ),
  ];
}
