/** `./brume demo`, which `npm start` runs: a small rescale experiment from its file to a page with plots, told as it goes on. */
import { randomBytes } from "node:crypto";
import { join, relative } from "node:path";
import { runsFolder } from "#lab/records/runs-folder.ts";
import { UserError } from "#testbed/user-error.ts";
import { usageError } from "./arguments.ts";
import { DemoStory } from "./demo-story.ts";
import { short } from "./run-progress.ts";
import type { Verb } from "./verb.ts";

const root = join(import.meta.dirname, "..");
const file = join(root, "experiments/small/demo.yaml");
const shownFile = relative(root, file);

export const verb: Verb = {
  name: "demo",
  summary: "run a small rescale experiment live, and leave a page with its plots",
  usage: "",
  options: {},
  examples: [["./brume demo", "what npm start does, in about a minute"]],
  async run(args, output) {
    if (args.positionals.length > 0) throw usageError("demo takes no arguments", "./brume demo");
    const { loadExperiment } = await import("#lab/experiment/load.ts");
    const { checkRuns, chooseRuns } = await import("#lab/run/run-experiment.ts");
    const { runAll } = await import("./run-all.ts");
    const experiment = await loadExperiment(file);
    // A name of its own: neither a lab of the experiment's own name nor another demo is in the way.
    const lab = `demo-${randomBytes(3).toString("hex")}`;
    const folder = runsFolder(root, process.env);
    const chosen = chooseRuns(experiment, folder, { again: true }).map((run) => ({
      ...run,
      plan: { ...run.plan, topology: { ...run.plan.topology, name: lab } },
    }));
    await checkRuns(chosen, process.env);
    const { plan } = chosen[0]!;
    const workers = plan.topology.nodes.filter(({ role }) => role === "worker").map(({ name }) => name);
    output.progress(
      `${shownFile}: job ${plan.job.use} on one of ${workers.join(", ")}, and on more as its load rises`,
    );
    const story = new DemoStory(plan.autoscaler.model);
    const options = { file: shownFile, keepLab: false, strict: false };
    const startedMs = performance.now();
    const [result] = await runAll(chosen, { ...options, story: (line) => story.tell(line) }, output);
    const seconds = (performance.now() - startedMs) / 1000;
    const { outcome, summary } = result!;
    if (outcome === "interrupted")
      throw new UserError("interrupted", `the demo was interrupted; ${lab} is gone again`, "");
    if (outcome === "failed") throw new UserError("demo-failed", `the demo failed: ${summary?.because}`, "");
    const page = join(result!.folder, "report.html");
    output.result(
      { experiment: shownFile, seconds, folder: result!.folder, page, summary },
      [
        "",
        `${summary!.rescales} rescales, ${short(summary!.meanTaken ?? 0)} records/s on average, in ${seconds.toFixed(0)} s altogether.`,
        `The page with what was predicted beside what came: ${page}`,
        `The record that it is made from: ${result!.folder}`,
        `Now one of your own: copy ${shownFile}, change it, and`,
        "  ./brume validate FILE    what it means",
        "  ./brume run FILE         what comes of it",
      ].join("\n"),
    );
    return 0;
  },
};
