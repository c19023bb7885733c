/**
 * What `node --test` says to our runner: the failures, readable, and at the very end one line of JSON with the
 * counts and what was skipped, after a mark that no test prints by chance.
 */
import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";
import type { FileOutcome } from "./stage.ts";

export const countsMark = "\u0001counts ";

export type Counts = {
  passed: number;
  failed: number;
  skipped: string[];
  files: FileOutcome[];
};

type Told = { name: string; file?: string | undefined; line?: number | undefined };

export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const printed = new Map<string, string>();
  const failedFiles = new Set<string>();
  const counts: Counts = { passed: 0, failed: 0, skipped: [], files: [] };
  for await (const event of source) {
    if (event.type === "test:pass" || event.type === "test:fail") addTime(counts, event.data);
    switch (event.type) {
      case "test:stdout":
      case "test:stderr":
        printed.set(event.data.file, (printed.get(event.data.file) ?? "") + event.data.message);
        break;
      case "test:pass":
        if (event.data.details.type === "suite") break;
        // A todo that fails passes for node:test; here it is a claim that nothing holds yet.
        if (isSet(event.data.skip)) counts.skipped.push(`${place(event.data)}: ${why(event.data.skip)}`);
        else if (isSet(event.data.todo)) counts.skipped.push(`${place(event.data)}: to do`);
        else count(counts, "passed", event.data);
        break;
      case "test:fail": {
        const { error, type } = event.data.details;
        if (isSet(event.data.todo)) {
          counts.skipped.push(`${place(event.data)}: to do`);
          break;
        }
        // A suite or a file that fails only because something in it failed has nothing of its own to say.
        if ((error as { failureType?: string }).failureType === "subtestsFailed") break;
        if (type !== "suite") count(counts, "failed", event.data);
        if (event.data.file !== undefined) failedFiles.add(event.data.file);
        yield `${place(event.data)}\n${indented(withoutRunner(inspect(error.cause ?? error)))}\n\n`;
        break;
      }
    }
  }
  for (const file of failedFiles) {
    const text = printed.get(file);
    if (text !== undefined)
      yield `printed by ${relative(process.cwd(), file)}:\n${indented(text.trimEnd())}\n\n`;
  }
  yield `${countsMark}${JSON.stringify(counts)}\n`;
}

type InFile = { file?: string | undefined };
type Timed = InFile & { nesting: number; details: { duration_ms: number } };

function count(counts: Counts, what: "passed" | "failed", { file }: InFile): void {
  counts[what]++;
  if (file !== undefined) outcomeOf(counts, file)[what]++;
}

function addTime(counts: Counts, { file, nesting, details }: Timed): void {
  if (file !== undefined && nesting === 0) outcomeOf(counts, file).ms += details.duration_ms;
}

function outcomeOf({ files }: Counts, path: string): FileOutcome {
  const file = relative(process.cwd(), path);
  let found = files.find((each) => each.file === file);
  if (!found) {
    found = { file, passed: 0, failed: 0, ms: 0 };
    files.push(found);
  }
  return found;
}

/** The frames of node:test itself are the same in every failure. */
function withoutRunner(text: string): string {
  return text.replace(/^\s+at .*\bnode:internal\/.*\n?/gm, "");
}

function isSet(value: string | boolean | undefined): value is string | true {
  return value !== undefined && value !== false;
}

function why(skip: string | true): string {
  return skip === true ? "no reason given" : skip;
}

function place({ name, file, line }: Told): string {
  return file === undefined ? name : `${relative(process.cwd(), file)}:${line ?? 1}: ${name}`;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

/** What a run of one file counted, as that file's alone, wherever its tests stand. */
export function ofFile(file: string, counts: Counts): Counts {
  const ms = counts.files.reduce((sum, each) => sum + each.ms, 0);
  return { ...counts, files: [{ file, passed: counts.passed, failed: counts.failed, ms }] };
}

export function sumOf(all: readonly Counts[]): Counts {
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    skipped: all.flatMap(({ skipped }) => skipped),
    files: all.flatMap(({ files }) => files),
  };
}

/** Splits what the reporter wrote; without the last line the runner itself came to harm. */
export function readReport(output: string): { text: string; counts?: Counts } {
  const at = output.lastIndexOf(countsMark);
  if (at < 0) return { text: output };
  return {
    text: output.slice(0, at),
    counts: JSON.parse(output.slice(at + countsMark.length).split("\n")[0]!) as Counts,
  };
}
