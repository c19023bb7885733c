/** A stage that runs test files by node:test, as the user and in the folder that its place says. */
import { join } from "node:path";
import type { Place } from "./place.ts";
import { readReport } from "./reporter.ts";
import { runProgram } from "./run-program.ts";
import type { Outcome } from "./stage.ts";

export type Pace = { filesAtOnce: number; testTimeoutMs: number; timeoutMs: number };

export async function runTestFiles(place: Place, files: readonly string[], pace: Pace): Promise<Outcome> {
  const { root, node, become, env } = place;
  const command = [
    ...become,
    node,
    join(root, "scripts/testing/run-files-main.ts"),
    `${pace.filesAtOnce}`,
    `${pace.testTimeoutMs}`,
    ...files,
  ];
  const { status, output, timedOut } = await runProgram({
    command,
    cwd: root,
    env,
    timeoutMs: pace.timeoutMs,
  });
  const { text, counts } = readReport(output);
  if (!counts) {
    const what = timedOut ? `not done after ${pace.timeoutMs / 1000} s` : `the runner ended with ${status}`;
    return { passed: 0, failed: 1, skipped: [], output: `${text}\n${what}` };
  }
  // A status that no counted failure explains is a failure of its own.
  const unexplained = status !== 0 && counts.failed === 0 ? 1 : 0;
  const said = unexplained > 0 ? `${text}\nthe runner ended with ${status}` : text;
  return {
    passed: counts.passed,
    failed: counts.failed + unexplained,
    skipped: counts.skipped,
    output: said.trim(),
    files: counts.files,
  };
}
