/**
 * Runs test files, so many at a time and in the order in which they are named, which `node --test` itself does not keep,
 * and reports as reporter.ts does: `run-files-main.ts FILES_AT_ONCE TEST_TIMEOUT_MS FILE...`. Each file is a run of its own: a test
 * that stands in a module which several files share is told by node:test as that module's, and counts here as its file's.
 */
import { resolve } from "node:path";
import { run } from "node:test";
import report, { countsMark, ofFile, readReport, sumOf } from "./reporter.ts";

const [filesAtOnce, testTimeoutMs, ...files] = process.argv.slice(2);

async function runFile(file: string) {
  const events = run({ files: [resolve(file)], concurrency: 1, timeout: Number(testTimeoutMs) });
  events.on("test:summary", ({ success }) => {
    if (!success) process.exitCode = 1;
  });
  let output = "";
  for await (const part of events.compose(report)) output += part;
  const { text, counts } = readReport(output);
  return { text, counts: ofFile(file, counts!) };
}

const waiting = files.entries();
const results: Awaited<ReturnType<typeof runFile>>[] = [];
await Promise.all(
  Array.from({ length: Number(filesAtOnce) }, async () => {
    for (const [at, file] of waiting) results[at] = await runFile(file);
  }),
);
process.stdout.write(results.map(({ text }) => text).join(""));
process.stdout.write(`${countsMark}${JSON.stringify(sumOf(results.map(({ counts }) => counts)))}\n`);
