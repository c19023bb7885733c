/** A MinIO server, built from its source by Go: no package registry has the program itself. */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findMinio, minioFolder, minioModule } from "#engine/checkpoint/stores/minio-build.ts";
import { findCommand } from "#testbed/doctor/commands.ts";
import { UserError } from "#testbed/user-error.ts";
import { installPackages } from "./apt.ts";
import type { Component } from "./component.ts";
import { fetchGo, firstGoThatFetchesItself, goVersion } from "./go-toolchain.ts";
import { interruptible } from "./interruptible.ts";
import { endPrograms, runProgram } from "./testing/run-program.ts";

/** Two shared cores take 4 minutes, a Pi longer. */
const buildMs = 60 * 60_000;
const tellEveryMs = 20_000;
const goPackages = ["golang-go"];

export const minio: Component = {
  name: "minio",
  summary: "a MinIO server for checkpoints and tests, built by Go in some 4 minutes",
  async get(progress) {
    const there = findMinio();
    if (there !== undefined) return `already there: ${there}`;
    const go = await findGo(progress);
    const folder = minioFolder();
    mkdirSync(folder, { recursive: true });
    // Beside the result, so that putting it in place is one rename; Go's own caches would stay behind elsewhere.
    const scratch = mkdtempSync(join(folder, "build-"));
    try {
      const built = await interruptible(async (signal) => {
        signal.addEventListener("abort", endPrograms);
        return await build(go, scratch, progress);
      });
      renameSync(built, join(folder, "minio"));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
    return `built: ${join(folder, "minio")}`;
  },
};

async function findGo(progress: (line: string) => void): Promise<string> {
  const found = findCommand("go") ?? findCommand("go", "/usr/local/go/bin");
  if (found !== undefined) return found;
  await installPackages("go", goPackages, progress);
  const installed = findCommand("go");
  if (installed === undefined) throw new UserError("still-missing", "go is not in PATH", "add its folder");
  return installed;
}

async function build(found: string, scratch: string, progress: (line: string) => void): Promise<string> {
  const env: NodeJS.ProcessEnv = {
    // What the user set for Go's caches holds; else they go with the scratch folder.
    GOCACHE: join(scratch, "cache"),
    GOMODCACHE: join(scratch, "modules"),
    ...process.env,
    GOPATH: join(scratch, "path"),
    GOBIN: scratch,
    // Folders of modules are written so that they can be removed.
    GOFLAGS: "-modcacherw",
    GOTOOLCHAIN: "auto",
    CGO_ENABLED: "0",
  };
  const version = await goVersion(found, env);
  const old = version < firstGoThatFetchesItself;
  const go = old ? await fetchGo(found, env, progress) : found;
  if (old) {
    env.GOTOOLCHAIN = "local";
    delete env.GOROOT;
  }
  progress(`building ${minioModule}`);
  const startMs = performance.now();
  const ticking = setInterval(() => {
    progress(`still building, ${Math.round((performance.now() - startMs) / 1000)} s`);
  }, tellEveryMs);
  try {
    const command = [go, "install", "-ldflags=-s -w", minioModule];
    const { status, output, timedOut } = await runProgram({
      command,
      cwd: scratch,
      env,
      timeoutMs: buildMs,
    });
    if (status !== 0) {
      const how = timedOut ? `was not done after ${buildMs / 60_000} minutes` : `ended with ${status}`;
      const fix = "see its message; it needs a network (GOPROXY) and some 4 GB of disk, and can be run again";
      throw new UserError("build-failed", `${command.join(" ")} ${how}:\n${output.slice(-3000).trim()}`, fix);
    }
  } finally {
    clearInterval(ticking);
  }
  return join(scratch, "minio");
}
