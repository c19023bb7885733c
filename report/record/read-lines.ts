/**
 * Reads a file of one JSON object a line, whatever its length, and bears what a killed run leaves: the last line may be
 * cut short. Any other line that cannot be read is one warning that says where it is.
 */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { z } from "zod";

/** A file that is broken throughout would otherwise fill the page. */
const warningsOfFile = 5;

export type ReadLines<Line> = {
  lines: Line[];
  warnings: string[];
};

/** Undefined where there is no such file. `name` is what warnings call it. */
export async function readLines<Line>(
  path: string,
  name: string,
  schema: z.ZodType<Line>,
): Promise<ReadLines<Line> | undefined> {
  const lines: Line[] = [];
  const broken: string[] = [];
  let [number, last] = [0, { isBroken: false, parsed: true }];
  try {
    const input = createReadStream(path, "utf8");
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      if (text.trim() === "") continue;
      const line = parse(text, schema);
      last = { isBroken: "why" in line, parsed: !("why" in line) || line.parsed };
      if ("why" in line) broken.push(`${name}:${number}: ${line.why}; the line is left out`);
      else lines.push(line.value);
    }
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    if (code === "ENOENT") return undefined;
    broken.push(`${name}: cannot be read (${code})`);
  }
  if (last.isBroken && !last.parsed) broken.pop(); // Cut short: the run was killed while it wrote it.
  const more = broken.length - warningsOfFile;
  const warnings = broken.slice(0, warningsOfFile);
  if (more > 0) warnings.push(`${name}: ${more} more lines cannot be read and are left out`);
  return { lines, warnings };
}

/** Of what the file system said; undefined of any other error. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^E[A-Z]+$/.test(code) ? code : undefined;
}

type Parsed<Line> = { value: Line } | { why: string; parsed: boolean };

function parse<Line>(text: string, schema: z.ZodType<Line>): Parsed<Line> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { why: "is not JSON", parsed: false };
  }
  const read = schema.safeParse(raw);
  if (read.success) return { value: read.data };
  const [issue] = read.error.issues;
  const where = issue?.path.join(".") ?? "";
  return { why: `${where === "" ? "the line" : `"${where}"`} is not as docs/records.md says`, parsed: true };
}
