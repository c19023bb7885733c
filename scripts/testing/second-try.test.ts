import assert from "node:assert/strict";
import { test } from "node:test";
import { withSecondTry } from "./second-try.ts";
import type { FileOutcome, Outcome } from "./stage.ts";

const file = (name: string, passed: number, failed: number): FileOutcome => ({
  file: name,
  passed,
  failed,
  ms: 1,
});

function outcome(files: readonly FileOutcome[], more: Partial<Outcome> = {}): Outcome {
  const sum = (count: "passed" | "failed") => files.reduce((total, each) => total + each[count], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: [], output: "", files, ...more };
}

async function tried(first: Outcome, second: Outcome): Promise<{ outcome: Outcome; asked: string[] }> {
  const asked: string[] = [];
  const settled = await withSecondTry(first, async (files) => {
    asked.push(...files);
    return second;
  });
  return { outcome: settled, asked };
}

test("what failed once runs again alone; what passes then is told by name, with the first failure's text", async () => {
  const first = outcome([file("a", 5, 0), file("b", 3, 2)], {
    output: "b: first words",
    skipped: ["b:1: x"],
  });
  const second = outcome([file("b", 5, 0)], { skipped: ["b:1: x"] });
  const { outcome: settled, asked } = await tried(first, second);
  assert.deepEqual(asked, ["b"]);
  assert.deepEqual([settled.passed, settled.failed, settled.skipped], [10, 0, ["b:1: x"]]);
  assert.deepEqual(settled.secondTry, ["b"]);
  assert.match(settled.output, /b: first words\n.*once more, alone:\nall passed/s);
});

test("what fails again has failed", async () => {
  const { outcome: settled } = await tried(
    outcome([file("a", 5, 0), file("b", 3, 2)]),
    outcome([file("b", 4, 1)], { output: "b: again" }),
  );
  assert.deepEqual([settled.passed, settled.failed], [9, 1]);
  assert.match(settled.output, /b: again/);
});

test("a run without a failure, with many, or with one that no file explains is left as it is", async () => {
  for (const first of [
    outcome([file("a", 5, 0)]),
    outcome(["a", "b", "c", "d"].map((name) => file(name, 0, 1))),
    outcome([file("a", 5, 1)], { failed: 2 }),
  ]) {
    const { outcome: settled, asked } = await tried(first, outcome([]));
    assert.deepEqual([settled, asked], [first, []]);
  }
});
