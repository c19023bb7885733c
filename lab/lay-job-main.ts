/**
 * `lay-job-main.ts FOLDER` writes the files of a job that come as JSON by standard input, and links to them what else is
 * in brume's folder on this machine. What is there already stays: the folder is called by what is in it.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export type LaidFile = { readonly place: string; readonly text: string };

if (import.meta.main) {
  const root = join(import.meta.dirname, "..");
  const folder = process.argv[2] ?? "";
  for (const { place, text } of JSON.parse(readFileSync(0, "utf8")) as LaidFile[]) {
    const path = join(folder, place);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, text);
    renameSync(`${path}.${process.pid}`, path);
  }
  for (const name of readdirSync(root)) {
    try {
      symlinkSync(join(root, name), join(folder, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}
