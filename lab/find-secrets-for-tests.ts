/**
 * Looks for secrets where none may be: in files, in the lists of processes, in whatever can be streamed (a container's image).
 * A secret is found as it is and as it looks inside of JSON, an address, hexadecimal digits or base64.
 */
import { createReadStream, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";

export type Secret = { what: string; text: string };

/** Shorter ones turn up by chance. */
const leastLength = 12;

type Needle = { what: string; bytes: Buffer };

export function needlesOf(secrets: readonly Secret[]): Needle[] {
  return secrets.flatMap(({ what, text }) => {
    if (text.length < leastLength) throw new Error(`${what}: too short to be looked for`);
    const bytes = Buffer.from(text);
    const forms = [
      text,
      JSON.stringify(text).slice(1, -1),
      encodeURIComponent(text),
      bytes.toString("hex"),
      ...base64Of(bytes),
      ...base64Of(bytes).map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
    ];
    return [...new Set(forms)].map((form) => ({ what, bytes: Buffer.from(form) }));
  });
}

/** What of it is the same in base64 whatever stands before and after it: that depends on where it begins. */
function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const mixedWithBefore = Math.ceil((before * 8) / 6);
    const mixedWithAfter = ((before + bytes.length) * 8) % 6 === 0 ? 0 : 1;
    return text.slice(mixedWithBefore, text.length - mixedWithAfter);
  });
}

/** The lines of a private key that hold its secret part; the first ones are the same as in its public half. */
export function secretsOfKeyFile(what: string, path: string): Secret[] {
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("-----"));
  return lines
    .slice(2)
    .filter(({ length }) => length >= leastLength)
    .map((text) => ({ what, text }));
}

/** Each as "place: secret"; `allowed` are the files that are there to hold it. */
export async function secretsInFiles(
  needles: readonly Needle[],
  folder: string,
  allowed: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const found: string[] = [];
  for (const path of filesBelow(folder)) {
    if (allowed.has(path)) continue;
    found.push(...(await secretsInStream(needles, path, createReadStream(path))));
  }
  return found;
}

export async function secretsInStream(
  needles: readonly Needle[],
  place: string,
  stream: Readable,
): Promise<string[]> {
  const found = new Set<string>();
  const overlap = Math.max(0, ...needles.map(({ bytes }) => bytes.length - 1));
  let tail = Buffer.alloc(0);
  try {
    for await (const part of stream) {
      const bytes = Buffer.concat([tail, part as Buffer]);
      for (const { what, bytes: needle } of needles)
        if (bytes.includes(needle)) found.add(`${place}: ${what}`);
      tail = bytes.subarray(Math.max(0, bytes.length - overlap));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error; // Removed since it was listed.
  }
  return [...found];
}

/** Arguments, which everybody may read, and environments, which root and the same user may. */
export function secretsInProcesses(needles: readonly Needle[], proc = "/proc"): string[] {
  const found: string[] = [];
  for (const pid of readdirSync(proc).filter((name) => /^\d+$/.test(name))) {
    for (const file of ["cmdline", "environ"]) {
      const bytes = readIfThere(join(proc, pid, file));
      for (const { what, bytes: needle } of needles)
        if (bytes.includes(needle)) found.push(`${file} of ${nameOf(join(proc, pid))}: ${what}`);
    }
  }
  return [...new Set(found)];
}

function nameOf(process: string): string {
  const words = readIfThere(join(process, "cmdline")).toString().split("\0");
  return words.find((word) => word.endsWith(".ts")) ?? words[0] ?? process;
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0); // The process ended, or is not ours to read.
  }
}

function* filesBelow(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const entry = lstatSync(path, { throwIfNoEntry: false });
    if (entry?.isDirectory()) yield* filesBelow(path);
    else if (entry?.isFile()) yield path;
  }
}
