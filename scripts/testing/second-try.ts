/**
 * Tests of real processes, links and machines meet moments that nobody planned. Of a run in which few files failed,
 * those run once more, alone; what fails again has failed, and what does not is told by name, as a fault to be mended.
 */
import type { FileOutcome, Outcome } from "./stage.ts";

/** More than these are no moment's bad luck. */
const filesAtMost = 3;

export async function withSecondTry(
  first: Outcome,
  runAlone: (files: readonly string[]) => Promise<Outcome>,
): Promise<Outcome> {
  const failing = (first.files ?? []).filter(({ failed }) => failed > 0);
  const explained = sum(failing, ({ failed }) => failed) === first.failed;
  if (failing.length === 0 || failing.length > filesAtMost || !explained) return first;
  const again = await runAlone(failing.map(({ file }) => file));
  const isAgain = (told: string) => failing.some(({ file }) => told.startsWith(`${file}:`));
  return {
    passed: first.passed - sum(failing, ({ passed }) => passed) + again.passed,
    failed: again.failed,
    skipped: [...first.skipped.filter((told) => !isAgain(told)), ...again.skipped],
    files: [...(first.files ?? []).filter((each) => !failing.includes(each)), ...(again.files ?? [])],
    secondTry: failing.map(({ file }) => file),
    output: [first.output, "run once more, alone:", again.output || "all passed"].join("\n"),
  };
}

function sum(files: readonly FileOutcome[], count: (file: FileOutcome) => number): number {
  return files.reduce((total, file) => total + count(file), 0);
}
