/** The stages that make labs: as whoever we are, and as root once more as an ordinary user. */
import { join } from "node:path";
import { type Finding, labsCanRun } from "#testbed/doctor/finding.ts";
import { leavePlace, ordinaryPlace, ownPlace, type Place } from "./place.ts";
import { runProgram } from "./run-program.ts";
import { withSecondTry } from "./second-try.ts";
import type { Outcome, Stage } from "./stage.ts";
import { longestFirst, type TestFiles } from "./test-files.ts";
import { type Pace, runTestFiles } from "./test-stage.ts";
import { Turns } from "./turns.ts";

/** These measure links, limits or what is left on the machine, so one file at a time; the longest kills a lab at every step. */
const alone = { filesAtOnce: 1, testTimeoutMs: 300_000, timeoutMs: 1_200_000 };
/** These wait most of their time, for processes, rescales, other machines: what they claim holds on a busy machine, too. */
const waiting = /^(engine|lab|scripts|testbed\/nodes)\//;
/** Of those, what measures round trips, or looks for what is left anywhere on the machine. */
const measuring = /^lab\/coordinates\/|^testbed\/nodes\/(netns|.*conformance)/;

export function labStages(root: string, files: TestFiles): Stage[] {
  const stages = [
    { name: "integration", place: async () => ownPlace(root), atOnce: 3 },
    // Beside the other's: few, and of these the longest, the demo, waits nearly all the time.
    { name: "rootless", place: () => ordinaryPlace(root), atOnce: 1 },
  ] as const;
  const needed = stages.filter(({ name }) => files[name].length > 0);
  const turns = new Turns(needed.length);
  return needed.map(({ name, place, atOnce }) => {
    const run = () => runStage(place, files[name], atOnce, turns);
    return { name, group: name, labs: true, run };
  });
}

async function runStage(
  makePlace: () => Promise<Place>,
  files: readonly string[],
  filesAtOnce: number,
  turns: Turns,
): Promise<Outcome> {
  const clock = new WorkClock();
  let place: Place | undefined;
  try {
    return await turns.run(
      () =>
        clock.during(async () => {
          place = await makePlace();
          const obstacle = await obstacleIn(place);
          if (obstacle !== undefined) return { place, obstacle, waited: nothing };
          const waiting = longestFirst(files.filter(isWaiting));
          return { place, obstacle, waited: await runSome(place, waiting, { ...alone, filesAtOnce }) };
        }),
      async ({ place, obstacle, waited }) => {
        if (obstacle !== undefined)
          return { ...nothing, skipped: files.map((file) => `${file}: ${obstacle}`) };
        const outcome = await clock.during(() => measureIn(place, files, waited));
        return { ...outcome, seconds: clock.seconds };
      },
    );
  } finally {
    if (place !== undefined) leavePlace(place);
  }
}

const nothing: Outcome = { passed: 0, failed: 0, skipped: [], output: "" };

const isWaiting = (file: string): boolean => waiting.test(file) && !measuring.test(file);

const runSome = async (place: Place, files: readonly string[], pace: Pace): Promise<Outcome> =>
  files.length === 0 ? nothing : await runTestFiles(place, files, pace);

/** What measures, and once more what failed by bad luck; what came of those that waited is counted in. */
async function measureIn(place: Place, files: readonly string[], waited: Outcome): Promise<Outcome> {
  const measured = await runSome(
    place,
    files.filter((file) => !isWaiting(file)),
    alone,
  );
  const outcome = await withSecondTry(together([waited, measured]), (again) =>
    runTestFiles(place, again, alone),
  );
  // Loaded here, so that a mistake in the code under test fails its own stage and not the whole run.
  const { forgottenLabs } = await import("./forgotten-labs.ts");
  const forgotten = await forgottenLabs(place.stateFolder);
  if (forgotten.length === 0) return outcome;
  const output = `${outcome.output}\ntests left labs behind: ${forgotten.join(", ")}`;
  return { ...outcome, failed: outcome.failed + 1, output };
}

/** How long a stage worked, its waiting for others left out. */
class WorkClock {
  seconds = 0;

  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    const startedMs = performance.now();
    try {
      return await work();
    } finally {
      this.seconds += (performance.now() - startedMs) / 1000;
    }
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
  const { machine: findings } = JSON.parse(line) as { machine?: Finding[] };
  if (findings === undefined) throw new Error(`doctor failed: ${output}`);
  if (labsCanRun(findings)) return undefined;
  const lacking = findings.find(({ state, essential }) => state === "missing" && essential);
  return `${lacking?.what}: ${lacking?.detail}; fix: ${lacking?.remedy}`;
}
