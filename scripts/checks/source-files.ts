/** The files of the checkout that are ours: what the checks look at and what a copy for another user holds. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

const notOurs = new Set(["node_modules", ".git", "data/runs"]);

/** Paths relative to `root`, with forward slashes, sorted. */
export function sourceFiles(root: string, folder = ""): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (isForeign(path)) continue;
    if (entry.isDirectory()) found.push(...sourceFiles(root, path));
    else if (entry.isFile()) found.push(path);
  }
  return found.sort();
}

export function isForeign(path: string): boolean {
  return notOurs.has(path) || path.endsWith("/node_modules");
}
