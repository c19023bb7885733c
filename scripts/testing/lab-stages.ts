/** The stages that make labs: as whoever we are, and as root once more as an ordinary user. */
import { join } from "node:path";
import { type Finding, labsCanRun } from "#testbed/doctor/finding.ts";
import { leavePlace, ordinaryPlace, ownPlace, type Place } from "./place.ts";
import { runProgram } from "./run-program.ts";
import { withSecondTry } from "./second-try.ts";
import type { Outcome, Stage } from "./stage.ts";
import { type Group, longestFirst, type TestFiles } from "./test-files.ts";
import { runTestFiles } from "./test-stage.ts";

/** These measure links, limits or what is left on the machine, so one file at a time; the longest kills a lab at every step. */
const alone = { filesAtOnce: 1, testTimeoutMs: 300_000, timeoutMs: 1_200_000 };
/** These wait most of their time, for processes, rescales, other machines: what they claim holds on a busy machine, too. */
const sideBySide = { ...alone, filesAtOnce: 3 };
const waiting = /^(engine|lab|scripts|testbed\/nodes)\//;
/** Of those, what measures round trips, or looks for what is left anywhere on the machine. */
const measuring = /^lab\/coordinates\/|^testbed\/nodes\/(netns|.*conformance)/;

export function labStages(root: string, files: TestFiles): Stage[] {
  const stage = (group: Group & ("integration" | "rootless"), run: () => Promise<Outcome>): Stage[] =>
    files[group].length === 0 ? [] : [{ name: group, group, alone: true, run }];
  return [
    ...stage("integration", async () => runIn(ownPlace(root), files.integration)),
    ...stage("rootless", async () => runIn(await ordinaryPlace(root), files.rootless)),
  ];
}

async function runIn(place: Place, files: readonly string[]): Promise<Outcome> {
  try {
    const obstacle = await obstacleIn(place);
    if (obstacle !== undefined) {
      return { passed: 0, failed: 0, skipped: files.map((file) => `${file}: ${obstacle}`), output: "" };
    }
    const isWaiting = (file: string) => waiting.test(file) && !measuring.test(file);
    const outcomes: Outcome[] = [];
    for (const [pace, ofPace] of [
      [sideBySide, longestFirst(files.filter(isWaiting))],
      [alone, files.filter((file) => !isWaiting(file))],
    ] as const) {
      if (ofPace.length > 0) outcomes.push(await runTestFiles(place, ofPace, pace));
    }
    const outcome = await withSecondTry(together(outcomes), (again) => runTestFiles(place, again, alone));
    // Loaded here, so that a mistake in the code under test fails its own stage and not the whole run.
    const { forgottenLabs } = await import("./forgotten-labs.ts");
    const forgotten = await forgottenLabs(place.stateFolder);
    if (forgotten.length === 0) return outcome;
    const output = `${outcome.output}\ntests left labs behind: ${forgotten.join(", ")}`;
    return { ...outcome, failed: outcome.failed + 1, output };
  } finally {
    leavePlace(place);
  }
}

function together(outcomes: readonly Outcome[]): Outcome {
  const sum = (count: (each: Outcome) => number) => outcomes.reduce((total, each) => total + count(each), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: outcomes.flatMap(({ skipped }) => skipped),
    files: outcomes.flatMap(({ files = [] }) => files),
    output: outcomes.flatMap(({ output }) => (output === "" ? [] : [output])).join("\n"),
  };
}

/** Why no lab can run in this place, as doctor says it there. */
async function obstacleIn({ root, node, become, env }: Place): Promise<string | undefined> {
  const command = [...become, node, join(root, "scripts/main.ts"), "doctor", "--format", "json"];
  const { output } = await runProgram({ command, cwd: root, env, timeoutMs: 60_000 });
  const line = output.split("\n").find((each) => each.startsWith("{"));
  if (line === undefined) throw new Error(`doctor failed: ${output}`);
  const findings = (JSON.parse(line) as { machine: Finding[] }).machine;
  if (labsCanRun(findings)) return undefined;
  const lacking = findings.find(({ state, essential }) => state === "missing" && essential);
  return `${lacking?.what}: ${lacking?.detail}; fix: ${lacking?.remedy}`;
}
