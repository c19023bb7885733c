/** Which files a machine needs to run brume's own programs: the rooms that work on nodes, and the packages that they import. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** As nodes' machines name themselves in packages. */
export type Cpu = "x64" | "arm64" | "arm";

export type LockedPackage = {
  version: string;
  dependencies?: Readonly<Record<string, string>>;
  optionalDependencies?: Readonly<Record<string, string>>;
  os?: readonly string[];
  cpu?: readonly string[];
  libc?: readonly string[];
};

/** By path, `node_modules/a/node_modules/b`, as package-lock.json has them. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** What people look at is made where they are. */
const rooms = ["testbed", "engine", "autoscaler", "lab"];
const notThere = /\.test\.ts$|-for-tests\.ts$|(?:^|\/)fixtures\//;
/** Of packages: what only an editor or a reader wants. */
const notRun = /\.d\.[cm]?ts$|\.map$|\.md$|\.[cm]?ts$/i;

/** Paths below the root, sorted. */
export function projectFiles(root: string): string[] {
  return [
    "package.json",
    ...rooms.flatMap((room) => filesBelow(root, room)).filter((path) => !notThere.test(path)),
  ];
}

export function packageFiles(root: string, path: string): string[] {
  const nested = `${path}/node_modules/`;
  return filesBelow(root, path).filter((file) => !file.startsWith(nested) && !notRun.test(file));
}

/** Names of packages that these texts import. */
export function importedPackages(texts: Iterable<string>): Set<string> {
  const names = new Set<string>();
  for (const text of texts) {
    for (const [, name] of text.matchAll(
      /(?:\bfrom|\bimport|\bimport\()\s*"((?:@[\w.-]+\/)?[\w.-]+)(?:\/[^"]*)?"/g,
    )) {
      if (!name!.startsWith(".")) names.add(name!);
    }
  }
  return names;
}

/** Paths of these packages and of all that they need on such a machine. One that is not in the lock is part of Node.js. */
export function packagesFor(lock: LockedPackages, names: Iterable<string>, cpu: Cpu): string[] {
  const found = new Set<string>();
  const visit = (from: string, name: string) => {
    const path = resolvePackage(lock, from, name);
    if (path === undefined || found.has(path) || !runsOn(lock[path]!, cpu)) return;
    found.add(path);
    const { dependencies = {}, optionalDependencies = {} } = lock[path]!;
    for (const each of Object.keys({ ...dependencies, ...optionalDependencies })) visit(path, each);
  };
  for (const name of names) visit("", name);
  return [...found].sort();
}

/** As Node.js looks: in the package's own node_modules, then in those of the folders above it. */
function resolvePackage(lock: LockedPackages, from: string, name: string): string | undefined {
  for (let at = from; ; ) {
    const path = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (lock[path]) return path;
    if (at === "") return undefined;
    const above = at.lastIndexOf("/node_modules/");
    at = above < 0 ? "" : at.slice(0, above);
  }
}

function runsOn({ os, cpu: cpus, libc }: LockedPackage, cpu: Cpu): boolean {
  return (
    (os?.includes("linux") ?? true) && (cpus?.includes(cpu) ?? true) && (libc?.includes("glibc") ?? true)
  );
}

function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

export function readLock(root: string): LockedPackages {
  const text = readFileSync(join(root, "package-lock.json"), "utf8");
  return (JSON.parse(text) as { packages: LockedPackages }).packages;
}
