/** Node.js and brume as other machines need them, by processor: which files of this machine they are, and their hashes. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Content } from "./bring.ts";
import { fetched } from "./fetched-packages.ts";
import { cacheFolder, hashOf, type PackedFiles } from "./pack.ts";
import {
  type Cpu,
  importedPackages,
  packageFiles,
  packagesFor,
  projectFiles,
  readLock,
} from "./program-files.ts";

const root = resolve(import.meta.dirname, "../../..");

/** Undefined for processors that Node.js is not published for. */
export const ownNode = once(async (cpu: Cpu): Promise<Content | undefined> => {
  const lock = readLock(root);
  const path = `node_modules/node-linux-${cpu}`;
  if (!lock[path]) return undefined;
  const files = async () => {
    const base = existsSync(join(root, path)) ? root : await fetched(lock, [path], cpu);
    return [{ folder: join(base, path), names: ["bin/node"] }];
  };
  return await packable(["node", cpu, lock[path].version, ...packagesState()], files);
});

export const ownProgram = once(async (cpu: Cpu): Promise<Content> => {
  const project = projectFiles(root);
  const states = project.map((name) => {
    const { size, mtimeMs, ctimeMs, mode, ino } = statSync(join(root, name));
    return [name, size, mtimeMs, ctimeMs, mode, ino].join(" ");
  });
  return await packable(["program", cpu, ...packagesState(), ...states], () => programFiles(project, cpu));
});

/** What one process asks for many machines it finds out once; the program that runs does not change under it. */
function once<Result>(find: (cpu: Cpu) => Promise<Result>): (cpu: Cpu) => Promise<Result> {
  const known = new Map<Cpu, Promise<Result>>();
  return async (cpu) => {
    const finding = known.get(cpu) ?? find(cpu);
    known.set(cpu, finding);
    finding.catch(() => known.delete(cpu));
    return await finding;
  };
}

async function programFiles(project: readonly string[], cpu: Cpu): Promise<PackedFiles[]> {
  const lock = readLock(root);
  const imported = importedPackages(texts(project.filter((path) => path.endsWith(".ts"))));
  const packages = packagesFor(lock, imported, cpu);
  const here = packages.filter((path) => existsSync(join(root, path)));
  const lacking = packages.filter((path) => !here.includes(path));
  const own = { folder: root, names: [...project, ...here.flatMap((path) => packageFiles(root, path))] };
  if (lacking.length === 0) return [own];
  const folder = await fetched(lock, lacking, cpu);
  const came = lacking.filter((path) => existsSync(join(folder, path)));
  return [own, { folder, names: came.flatMap((path) => packageFiles(folder, path)) }];
}

function* texts(paths: readonly string[]): Generator<string> {
  for (const path of paths) yield readFileSync(join(root, path), "utf8");
}

/** What npm has installed, as it wrote down itself. */
function packagesState(): string[] {
  const { size, mtimeMs } = statSync(join(root, "node_modules/.package-lock.json"));
  return [root, String(size), String(mtimeMs)];
}

/** To read everything takes a second; to see that nothing was written since the last time, a moment. */
async function packable(
  state: readonly string[],
  files: () => Promise<readonly PackedFiles[]>,
): Promise<Content> {
  const folder = join(cacheFolder(), "hashes");
  const path = join(folder, createHash("sha256").update(state.join("\n")).digest("hex").slice(0, 40));
  if (existsSync(path)) return { files, hash: readFileSync(path, "utf8") };
  const hash = await hashOf(await files());
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${path}.${process.pid}.partial`, hash);
  renameSync(`${path}.${process.pid}.partial`, path);
  return { files, hash };
}
