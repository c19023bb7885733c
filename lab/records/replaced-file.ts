/** A document that is written anew as a whole: by rename, so that a reader sees the old one or the new one, never half. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

export function replaceJson(path: string, document: unknown): void {
  replaceFile(path, `${JSON.stringify(document)}\n`);
}

/** What cannot be written whole leaves nothing. */
export function replaceFile(path: string, text: string): void {
  try {
    // Flushed, since it says of the files beside it what they are.
    writeFileSync(`${path}.new`, text, { flush: true });
    renameSync(`${path}.new`, path);
  } catch (error) {
    rmSync(`${path}.new`, { force: true });
    throw error;
  }
}

const noneToRead = ["ENOENT", "ENOTDIR", "EACCES"];

/** Undefined where there is none for us, or where what is there is no JSON: whoever asks then makes it anew, or cannot. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const isMissing = noneToRead.includes((error as NodeJS.ErrnoException).code ?? "");
    if (isMissing || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
