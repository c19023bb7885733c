/** `./brume run EXPERIMENT`: every run of an experiment that is not done yet, on a lab that is made for it and taken away. */
import { basename, join } from "node:path";
import type { Experiment } from "#lab/experiment/experiment.ts";
import { runsFolder } from "#lab/records/runs-folder.ts";
import type { ChosenRun, DoneRun } from "#lab/run/run-experiment.ts";
import { UserError } from "#testbed/user-error.ts";
import { usageError } from "./arguments.ts";
import { quoted } from "./command-line.ts";
import { clock, short } from "./run-progress.ts";
import { table } from "./table.ts";
import type { Arguments, ExitStatus, Output, Verb } from "./verb.ts";

const root = join(import.meta.dirname, "..");

export const verb: Verb = {
  name: "run",
  summary: "run an experiment: each condition and repeat that is not done yet, recorded in data/runs",
  usage: "EXPERIMENT [--only CONDITION] [--repeat N] [--nodes KIND]",
  options: {
    only: { type: "string", value: "CONDITION", help: "only this condition of the sweep" },
    repeat: { type: "string", value: "N", help: "only the Nth repeat" },
    nodes: {
      type: "string",
      value: "KIND",
      help: "run on such nodes, as the experiment's key nodes takes them: docker, or {kind: ssh, host: …}",
    },
    out: { type: "string", value: "DIR", help: "put records there (default: $BRUME_RUNS, else data/runs)" },
    again: { type: "boolean", help: "also do runs anew that are done" },
    strict: {
      type: "boolean",
      help: "fail a run whose links are not as asked, instead of saying so in its record",
    },
    "keep-lab": { type: "boolean", help: "leave the lab there at the end" },
    "dry-run": { type: "boolean", help: "check everything, list the runs, start nothing" },
  },
  examples: [
    ["./brume run experiments/small/demo.yaml", "what npm start shows"],
    ["./brume run experiments/small/v1-map.yaml --dry-run", "which runs there are, and which are done"],
    ["./brume run experiments/small/v1-map.yaml --only none --repeat 1", "one run of them"],
    [
      "./brume run experiments/small/v1-map.yaml --nodes docker",
      "the same on containers, recorded beside it",
    ],
  ],
  async run(args, output) {
    const [file, ...more] = args.positionals;
    if (file === undefined || more.length > 0)
      throw usageError("run takes one experiment file", "./brume run experiments/small/demo.yaml");
    const { loadExperiment } = await import("#lab/experiment/load.ts");
    const { checkRuns, chooseRuns } = await import("#lab/run/run-experiment.ts");
    const experiment = await whereItRuns(await loadExperiment(file, args.text("nodes")));
    const folder = runsFolder(root, process.env, args.text("out"));
    const runs = chooseRuns(experiment, folder, choiceOf(args));
    await checkRuns(runs, process.env);
    if (args.flag("dry-run")) return listed(experiment, runs, output);
    const options = { file, keepLab: args.flag("keep-lab"), strict: args.flag("strict") };
    const { runAll } = await import("./run-all.ts");
    const results = await runAll(runs, options, output);
    return told(experiment, results, output);
  },
};

/** Before a run is compared with its record: on other machines it is another one. */
async function whereItRuns(experiment: Experiment): Promise<Experiment> {
  const { placed } = await import("#testbed/nodes/placed.ts");
  const runs = [];
  for (const plan of experiment.runs) runs.push({ ...plan, topology: await placed(plan.topology) });
  return { ...experiment, runs };
}

function choiceOf(args: Arguments) {
  const only = args.text("only");
  return {
    ...(only !== undefined && { only }),
    ...(args.text("repeat") !== undefined && { repeat: args.count("repeat", 1, 1) }),
    again: args.flag("again"),
  };
}

function listed(experiment: Experiment, runs: readonly ChosenRun[], output: Output): ExitStatus {
  const left = runs.filter(({ isDone }) => !isDone);
  const leftMs = left.reduce((sum, { plan }) => sum + plan.durationMs, 0);
  const rows = runs.map(({ plan, isDone }) => [plan.run, isDone ? "done" : "to do", clock(plan.durationMs)]);
  const document = {
    ...{ experiment: experiment.name, dryRun: true },
    runs: runs.map(({ plan, folder, isDone }) => ({
      ...{ run: plan.run, condition: plan.condition, repeat: plan.repeat, folder, isDone },
      durationMs: plan.durationMs,
    })),
  };
  const sum = `${left.length} of ${runs.length} runs to do, ${clock(leftMs)} of measuring at most`;
  output.result(document, `${table(["run", "", "lasts"], rows)}\n\n${sum}`);
  return 0;
}

/** What `analyse`, which knows nothing of --out, finds the records by. */
export function analysedAs(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const name = basename(folder);
  if (join(runsFolder(root, environment), name) === folder) return name;
  return quoted(folder);
}

function told(experiment: Experiment, results: readonly DoneRun[], output: Output): ExitStatus {
  const rows = results.map(({ run, outcome, summary }) => [
    ...[run, outcome, summary === undefined ? "" : clock(summary.seconds * 1000)],
    summary === undefined ? "" : `${summary.rescales}`,
    summary?.meanTaken === undefined ? "" : `${short(summary.meanTaken)}/s`,
    (summary?.msts ?? []).map(({ parallelism, mst }) => `${parallelism}: ${short(mst)}/s`).join("  "),
  ]);
  const head = ["run", "outcome", "took", "rescales", "mean taken", "sustained"];
  const folder = results[0] === undefined ? "" : join(results[0].folder, "..");
  output.result(
    { experiment: experiment.name, folder, runs: results },
    `${table(head, rows)}\n\nrecords: ${folder}\npages:   ./brume analyse ${analysedAs(folder, process.env)}`,
  );
  if (results.some(({ outcome }) => outcome === "interrupted"))
    throw new UserError("interrupted", "interrupted; the same command goes on where it stopped", "");
  return results.some(({ outcome }) => outcome === "failed") ? 1 : 0;
}
