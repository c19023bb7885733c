/**
 * Runs test files in the order in which they are named, which `node --test` itself does not keep, and reports as reporter.ts
 * does: `run-files-main.ts FILES_AT_ONCE TEST_TIMEOUT_MS FILE...`.
 */
import { resolve } from "node:path";
import { run } from "node:test";
import report from "./reporter.ts";

const [filesAtOnce, testTimeoutMs, ...files] = process.argv.slice(2);
run({
  files: files.map((file) => resolve(file)),
  concurrency: Number(filesAtOnce),
  timeout: Number(testTimeoutMs),
})
  .on("test:summary", ({ success }) => {
    if (!success) process.exitCode = 1;
  })
  .compose(report)
  .pipe(process.stdout);
