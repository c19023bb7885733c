/** `./brume test [FILE...]`: every check and test of the project, in stages; what `npm test` and CI run. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { relative, resolve } from "node:path";
import { sourceFiles } from "#scripts/checks/source-files.ts";
import { usageError } from "./arguments.ts";
import { interruptible } from "./interruptible.ts";
import { checkStages } from "./testing/check-stages.ts";
import { labStages } from "./testing/lab-stages.ts";
import { leavePlace, ownPlace } from "./testing/place.ts";
import { endPrograms } from "./testing/run-program.ts";
import {
  type Finished,
  runStages,
  type Stage,
  slowestFiles,
  stageLine,
  total,
  totalLine,
} from "./testing/stage.ts";
import { type Group, groups, groupTestFiles, type TestFiles, withoutLong } from "./testing/test-files.ts";
import { runTestFiles } from "./testing/test-stage.ts";
import type { Arguments, Output, Verb } from "./verb.ts";

const root = resolve(import.meta.dirname, "..");

export const verb: Verb = {
  name: "test",
  summary: "check and test brume itself",
  usage: "[FILE...] [--only unit|integration|rootless|checks]",
  options: {
    only: {
      type: "string",
      value: groups.join("|"),
      help: "one group of stages (default: all that apply here)",
    },
  },
  examples: [
    ["./brume test", "everything; the last line says how many passed"],
    ["./brume test --only checks", "format, lint, types, dead code, arrows"],
    ["./brume test testbed/plan.test.ts", "the tests of one file"],
  ],
  async run(args, output) {
    const only = onlyGroup(args);
    const { files, asked, long } = chosenFiles(args);
    const groupsWanted = groups.filter(
      (group) => (only === undefined || group === only) && !(asked && group === "checks"),
    );
    const stages = allStages(files).filter(({ group }) => groupsWanted.includes(group));
    if (stages.length === 0) throw usageError("no test is among what was asked for", "./brume test --help");
    if (long.length > 0) output.progress(`run by name only, since they take minutes: ${long.join(", ")}`);
    if (files.beyond.length > 0) output.progress(`not run, since only root can: ${files.beyond.join(", ")}`);
    const finished = await interruptible(async (signal) => {
      signal.addEventListener("abort", endPrograms);
      const pace = { sideBySide: availableParallelism(), signal, now: () => performance.now() };
      return await runStages(stages, pace, (each) => tell(each, output));
    });
    // A machine that runs the suite for others must not leave anything out; a person's laptop may.
    const sum = total(finished, Boolean(process.env.CI));
    if (process.env.CI && finished.some(({ skipped }) => skipped.length > 0)) {
      output.progress("skipped tests count as failed, since CI is set");
    }
    output.result({ ...sum, stages: finished }, totalLine(sum));
    return sum.failed === 0 ? 0 : 1;
  },
};

function onlyGroup(args: Arguments): Group | undefined {
  const only = args.text("only");
  const group = groups.find((each) => each === only);
  if (only !== undefined && group === undefined) {
    throw usageError(`--only ${only}: there is no such group`, `one of: ${groups.join(", ")}`);
  }
  return group;
}

function chosenFiles(args: Arguments): { files: TestFiles; asked: boolean; long: readonly string[] } {
  const asRoot = process.getuid?.() === 0;
  if (args.positionals.length === 0) {
    const { usual, long } = withoutLong(sourceFiles(root));
    return { files: groupTestFiles(usual, asRoot), asked: false, long };
  }
  const paths = args.positionals.map((path) => {
    if (!existsSync(path))
      throw usageError(`${path}: there is no such file`, "name a file that ends in .test.ts");
    if (!path.endsWith(".test.ts"))
      throw usageError(`${path}: is no test`, "name a file that ends in .test.ts");
    return relative(root, resolve(path));
  });
  return { files: groupTestFiles(paths, asRoot), asked: true, long: [] };
}

function allStages(files: TestFiles): Stage[] {
  return [...unitStage(files.unit), ...checkStages(root, process.env), ...labStages(root, files)];
}

function unitStage(files: readonly string[]): Stage[] {
  if (files.length === 0) return [];
  const pace = { filesAtOnce: availableParallelism(), testTimeoutMs: 120_000, timeoutMs: 480_000 };
  const run = async () => {
    const place = ownPlace(root);
    try {
      return await runTestFiles(place, files, pace);
    } finally {
      leavePlace(place);
    }
  };
  return [{ name: "unit", group: "unit", labs: false, run }];
}

/** A stage that takes longer says where its time goes, so that somebody can mend it. */
const slowSeconds = 60;

function tell(finished: Finished, output: Output): void {
  output.progress(stageLine(finished));
  if (finished.seconds > slowSeconds && finished.files) {
    output.progress(`    most of it: ${slowestFiles(finished)}`);
  }
  if (finished.output !== "") output.progress(finished.output.replace(/^(?=.)/gm, "    "));
  for (const each of finished.skipped) output.progress(`    skipped: ${each}`);
}
