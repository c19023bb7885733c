/** A document that is written anew as a whole: by rename, so that a reader sees the old one or the new one, never half. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";

export function replaceJson(path: string, document: unknown): void {
  // Flushed, since it says of the files beside it what they are.
  writeFileSync(`${path}.new`, `${JSON.stringify(document)}\n`, { flush: true });
  renameSync(`${path}.new`, path);
}

/** Undefined where there is none, or where what is there is no JSON: whoever asks then makes it anew. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (isMissing || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
