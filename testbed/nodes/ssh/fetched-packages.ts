/** npm packages for another processor than ours, fetched once into the user's cache folder; nothing of theirs is run here. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { UserError } from "#testbed/user-error.ts";
import { cacheFolder } from "./pack.ts";
import type { Cpu, LockedPackages } from "./program-files.ts";

const words = [
  "--no-audit",
  "--no-fund",
  "--no-save",
  "--ignore-scripts",
  "--force",
  "--os=linux",
  "--libc=glibc",
];

/** The folder that has them at these paths, all but those that were never published. */
export async function fetched(lock: LockedPackages, paths: readonly string[], cpu: Cpu): Promise<string> {
  const wanted = paths
    .map((path) => `${path.replace(/^.*node_modules\//, "")}@${lock[path]!.version}`)
    .sort();
  const name = createHash("sha256").update(wanted.join(" ")).digest("hex").slice(0, 16);
  const folder = join(cacheFolder(), "packages", `${cpu}-${name}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${process.pid}.partial`;
  mkdirSync(partial, { recursive: true });
  try {
    writeFileSync(join(partial, "package.json"), "{}");
    await install(wanted, cpu, partial);
    renameSync(partial, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error; // Another command was faster.
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}

/** Native code for a rare processor may not be published with each version; what wants it does without, more slowly. */
async function install(wanted: readonly string[], cpu: Cpu, cwd: string): Promise<void> {
  const all = ["install", ...words, `--cpu=${cpu}`, ...wanted];
  const { status, said } = await npm(all, cwd);
  if (status === 0) return;
  const unpublished = /No matching version found for (\S+?)\.?(?:\s|$)/.exec(said)?.[1];
  const others = wanted.filter((each) => each !== unpublished);
  if (others.length < wanted.length && others.length > 0) return await install(others, cpu, cwd);
  const fix = "with a network it can be tried again; the packages are kept afterwards";
  throw new UserError("npm-failed", `npm ${all.join(" ")} ended with ${status}:\n${said.trim()}`, fix);
}

async function npm(args: readonly string[], cwd: string): Promise<{ status: number | null; said: string }> {
  const child = spawn("npm", args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [status, , said] = await Promise.all([ended, buffer(child.stdout), buffer(child.stderr)]);
  return { status, said: said.toString() };
}
