/**
 * Files of this machine as one tar that is the same, byte for byte, wherever and whenever it is made: its hash names the
 * content. It is kept compressed in the user's cache folder while it is being sent.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { UserError } from "#testbed/user-error.ts";

/** Paths below a folder; those of folders stand for all that is in them. */
export type PackedFiles = { folder: string; names: readonly string[] };

export type Archive = { path: string; bytes: number; sha256: string };

/** More costs seconds of this machine and saves little. */
const gzipLevel = 4;
const keptDays = 7;
const keptPacks = 12;

export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(resolve(env.XDG_CACHE_HOME || join(homedir(), ".cache")), "brume");
}

export async function hashOf(files: readonly PackedFiles[]): Promise<string> {
  const hash = createHash("sha256");
  await tarInto(files, hash);
  return hash.digest("hex").slice(0, 40);
}

const making = new Map<string, Promise<void>>();

/** The compressed tar of these files under a name that stands for their content; made if it is not there yet. */
export async function archiveOf(files: readonly PackedFiles[], name: string): Promise<Archive> {
  const folder = join(cacheFolder(), "packs");
  const path = join(folder, `${name}.tar.gz`);
  if (existsSync(path)) await utimes(path, new Date(), new Date());
  else {
    // Many machines may want it at once.
    const work = making.get(path) ?? makeArchive(files, folder, path);
    making.set(path, work);
    await work.finally(() => making.delete(path));
  }
  const digest = createHash("sha256");
  await pipeline(createReadStream(path), digest);
  return { path, bytes: (await stat(path)).size, sha256: digest.digest("hex") };
}

async function makeArchive(files: readonly PackedFiles[], folder: string, path: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await forgetOld(folder);
  const partial = `${path}.${process.pid}.partial`;
  try {
    const zip = createGzip({ level: gzipLevel });
    await Promise.all([tarInto(files, zip), pipeline(zip, createWriteStream(partial))]);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Those of programs that have changed since are of no use to anybody soon. */
async function forgetOld(folder: string): Promise<void> {
  const oldest = Date.now() - keptDays * 86_400_000;
  const found: { path: string; mtimeMs: number }[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const state = await stat(path).catch(() => undefined); // Another command may forget it at the same time.
    if (state) found.push({ path, mtimeMs: state.mtimeMs });
  }
  const newest = found.sort((a, b) => b.mtimeMs - a.mtimeMs);
  for (const [index, { path, mtimeMs }] of newest.entries()) {
    if (index >= keptPacks || mtimeMs < oldest) await rm(path, { force: true });
  }
}

/** Who owns a file and when it was written is no content. Links are followed, so that a pack stands by itself. */
const reproducible = [
  ...["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--format=gnu"],
  ...["--mode=u+rwX,go+rX,go-w", "--dereference", "--hard-dereference"],
];

async function tarInto(files: readonly PackedFiles[], sink: NodeJS.WritableStream): Promise<void> {
  // In files, for there may be more names than a command line holds.
  const scratch = await mkdtemp(join(tmpdir(), "brume-pack-"));
  try {
    const words: string[] = [];
    for (const [index, { folder, names }] of files.entries()) {
      const list = join(scratch, String(index));
      await writeFile(list, names.map((name) => `${name}\0`).join(""));
      words.push("-C", resolve(folder), `--files-from=${list}`);
    }
    await tar(words, sink);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function tar(words: readonly string[], sink: NodeJS.WritableStream): Promise<void> {
  const all = [...reproducible, "--create", "--file=-", "--null", "--verbatim-files-from", ...words];
  const child = spawn("tar", all, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C" },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [status, said] = await Promise.all([ended, buffer(child.stderr), pipeline(child.stdout, sink)]);
  if (status === 0) return;
  throw new UserError("cannot-pack", `tar: ${said.toString().trim()}`, "may you read all of these files?");
}

/** Counts what passes. */
export function counting(passed: (bytes: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed(chunk.length);
      done(null, chunk);
    },
  });
}
