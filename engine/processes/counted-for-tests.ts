/** Reads what the counting job wrote, and says what is wrong with it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

type Line = { readonly key: number; readonly number: number; readonly nth: number };

/** Published files, in the order of subtask and time. */
export function publishedLines(folder: string): Line[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl") && !name.startsWith("."))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

/** Of a run of `events` records: every number once, every key's lines 1, 2, 3 … in this order; empty when all is well. */
export function faultsOf(lines: readonly Line[], events: number): string[] {
  const faults: string[] = [];
  const seen = new Map<number, number>();
  const nths = new Map<number, number>();
  for (const { key, number, nth } of lines) {
    seen.set(number, (seen.get(number) ?? 0) + 1);
    const before = nths.get(key) ?? 0;
    if (nth !== before + 1) faults.push(`key ${key}: ${nth} comes after ${before}`);
    nths.set(key, nth);
  }
  for (let number = 0; number < events; number++) {
    const times = seen.get(number) ?? 0;
    if (times !== 1) faults.push(`number ${number} is there ${times} times`);
  }
  for (const number of seen.keys()) if (number >= events) faults.push(`number ${number} was never made`);
  return faults;
}

/** For runs at several parallelisms: a key's lines are spread over the files of several subtasks, so they are put in order first. */
export function faultsWithoutOrder(lines: readonly Line[], events: number): string[] {
  const sorted = lines.toSorted((one, other) => one.key - other.key || one.nth - other.nth);
  return faultsOf(sorted, events).slice(0, 10);
}
