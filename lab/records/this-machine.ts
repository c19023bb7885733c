/** What a manifest says of the machine and of brume itself, asked of both. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import type { BrumeVersion, MachineFacts } from "./manifest.ts";

export function machineFacts(): MachineFacts {
  return {
    model: boardModel() ?? (cpus()[0]?.model.trim() || "unknown"),
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: release(),
    ...congestionControl(),
  };
}

/** Boards tell more by their name than by their processor's. */
function boardModel(): string | undefined {
  try {
    return readFileSync("/proc/device-tree/model", "utf8").replaceAll("\0", "").trim() || undefined;
  } catch {
    return undefined;
  }
}

/** How its TCP finds out what a link carries; labs' nodes go by the same. */
function congestionControl(): Pick<MachineFacts, "congestionControl"> {
  try {
    const name = readFileSync("/proc/sys/net/ipv4/tcp_congestion_control", "utf8").trim();
    return { congestionControl: name };
  } catch {
    return {};
  }
}

/** `root` is the folder with brume's package.json. A copy that is no work tree of git has no commit. */
export function brumeVersion(root: string): BrumeVersion {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const top = git(root, "rev-parse", "--show-prefix");
  // Inside somebody else's work tree, as in node_modules, its commit says nothing of us.
  if (top !== "") return { version };
  const commit = git(root, "rev-parse", "--short=12", "HEAD");
  const changes = git(root, "status", "--porcelain");
  return { version, ...(commit && { commit }), ...(changes !== undefined && { dirty: changes !== "" }) };
}

/** Undefined where git is not there, or says no. */
function git(root: string, ...words: readonly string[]): string | undefined {
  try {
    const stdio = ["ignore", "pipe", "ignore"] as const;
    return execFileSync("git", ["-C", root, ...words], { stdio: [...stdio], encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}
