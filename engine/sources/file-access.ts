/** A file to read from anywhere: the edge to the disk of sources that replay files, and one in memory for tests. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { EngineError } from "../engine-error.ts";

export interface ReadableFile {
  /** For messages. */
  readonly name: string;
  readonly size: number;
  /** Fewer bytes only at the file's end. */
  read(position: number, length: number): Uint8Array;
  close(): void;
}

const refusals: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
};

export function openFile(path: string): ReadableFile {
  const file = opened(path);
  return {
    name: path,
    size: fstatSync(file).size,
    read(position, length) {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const got = readSync(file, bytes, done, length - done, position + done);
        if (got === 0) break;
        done += got;
      }
      return bytes.subarray(0, done);
    },
    close: () => closeSync(file),
  };
}

export function fileOf(name: string, content: string | Uint8Array): ReadableFile {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    name,
    size: bytes.length,
    read: (position, length) => bytes.subarray(position, position + length),
    close: () => {},
  };
}

function opened(path: string): number {
  try {
    const file = openSync(path, "r");
    if (!fstatSync(file).isDirectory()) return file;
    closeSync(file);
    throw Object.assign(new Error("a folder"), { code: "EISDIR" });
  } catch (error) {
    const why = refusals[(error as { code?: string }).code ?? ""];
    if (why === undefined) throw error;
    const fix = "give the path of a file with one JSON object a line, as the workers see it";
    throw new EngineError("unreadable-file", `cannot read ${path}: ${why}`, fix, 2, { cause: error });
  }
}
