/** Matrix and trace files that a topology names, read relative to the file that names them, each once. */
import { dirname, isAbsolute, join } from "node:path";
import type { Findings } from "./findings.ts";
import { quote, TopologyError } from "./topology-error.ts";
import type { Path } from "./yaml-tree.ts";

/** Far above every real table (1000 x 1000 delays are 6 MB), far below what fills the memory. */
const mostCharacters = 200_000_000;

export class SideFiles {
  readonly #readSide: (path: string) => string;
  readonly #results = new Map<string, unknown>();

  constructor(readSide: (path: string) => string) {
    this.#readSide = readSide;
  }

  /** What `parse` makes of the file, or undefined after its mistake was noted. `unit` is part of what it makes. */
  read<T>(
    written: string,
    path: Path,
    what: "trace" | "matrix",
    unit: string,
    findings: Findings,
    parse: (text: string, name: string) => T,
  ): T | undefined {
    const name = isAbsolute(written) ? written : join(dirname(findings.fileOf(path)), written);
    const key = `${what} ${unit} ${name}`;
    if (this.#results.has(key)) return this.#results.get(key) as T;
    const text = this.#text(written, name, path, what, findings);
    if (text === undefined) return undefined;
    try {
      const result = parse(text, name);
      this.#results.set(key, result);
      return result;
    } catch (error) {
      if (!(error instanceof TopologyError)) throw error;
      findings.mistakes.push(...error.mistakes);
      this.#results.set(key, undefined);
      return undefined;
    }
  }

  #text(written: string, name: string, path: Path, what: string, findings: Findings): string | undefined {
    try {
      const text = this.#readSide(name);
      if (text.length <= mostCharacters) return text;
      findings.refuse(path, "side-file", `${what} file ${quote(written)} is too long`, "take fewer values");
    } catch (error) {
      const fix = `names are relative to the file they stand in: put it at ${name}`;
      findings.refuse(
        path,
        "side-file",
        `cannot read ${what} file ${quote(written)}: ${reasonOf(error)}`,
        fix,
      );
    }
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const known: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EISDIR: "it is a folder",
    EACCES: "it may not be read by this user",
  };
  return known[code] ?? (error instanceof Error ? error.message : String(error));
}
