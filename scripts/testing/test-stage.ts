/** A stage that runs test files by node:test, as the user and in the folder that its place says. */
import { fileURLToPath } from "node:url";
import { readReport } from "./reporter.ts";
import { runProgram } from "./run-program.ts";
import type { Outcome } from "./stage.ts";

/** Where and as whom tests run. */
export type Place = {
  /** The checkout, or a copy of it that this user can read. */
  root: string;
  node: string;
  /** Goes in front of a command to run it as that user. */
  become: readonly string[];
  env: NodeJS.ProcessEnv;
};

export type Pace = { filesAtOnce: number; testTimeoutMs: number; timeoutMs: number };

export async function runTestFiles(place: Place, files: readonly string[], pace: Pace): Promise<Outcome> {
  const { root, node, become, env } = place;
  const command = [
    ...become,
    node,
    "--test",
    `--test-concurrency=${pace.filesAtOnce}`,
    `--test-timeout=${pace.testTimeoutMs}`,
    `--test-reporter=${fileURLToPath(new URL("./reporter.ts", import.meta.url)).replace(import.meta.dirname, `${root}/scripts/testing`)}`,
    ...files,
  ];
  const { status, output, timedOut } = await runProgram({ command, cwd: root, env, timeoutMs: pace.timeoutMs });
  const { text, counts } = readReport(output);
  if (!counts) {
    const what = timedOut ? `not done after ${pace.timeoutMs / 1000} s` : `node --test ended with ${status}`;
    return { passed: 0, failed: 1, skipped: [], output: `${text}\n${what}` };
  }
  // A status that no counted failure explains is a failure of its own.
  const unexplained = status !== 0 && counts.failed === 0 ? 1 : 0;
  const said = unexplained > 0 ? `${text}\nnode --test ended with ${status}` : text;
  return { passed: counts.passed, failed: counts.failed + unexplained, skipped: counts.skipped, output: said.trim() };
}
