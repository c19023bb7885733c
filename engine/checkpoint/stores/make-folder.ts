/** Makes a folder and those above it. Node's own recursive mkdir never returns where the kernel denies that a parent exists (/proc/x). */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** The topmost folder that was missing; undefined if none was. */
export function makeFolder(folder: string): string | undefined {
  const missing: string[] = [];
  for (let above = folder; !isThere(above); above = dirname(above)) missing.push(above);
  for (const each of missing.toReversed()) {
    try {
      mkdirSync(each);
    } catch (error) {
      // Somebody else may have been faster.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  return missing.at(-1);
}

/** The root always is, so that a search upwards ends. A file in the way is told by who wants to put something into it. */
function isThere(path: string): boolean {
  return path === dirname(path) || statSync(path, { throwIfNoEntry: false }) !== undefined;
}
