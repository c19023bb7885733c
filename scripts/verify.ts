/** `./brume verify [LAB]`: measures a running lab's pairs and prints asked beside measured, worst first. */
import { chooseLab } from "#testbed/lab.ts";
import { Lab } from "#testbed/open-lab.ts";
import { reportText } from "#testbed/verify/table.ts";
import { defaultPairs, type VerificationChoice, verifyLab } from "#testbed/verify/verify-lab.ts";
import { usageError } from "./arguments.ts";
import type { Arguments, Verb } from "./verb.ts";

const defaultWorst = 20;

export const verb: Verb = {
  name: "verify",
  summary: "measure a lab's pairs and compare them with what the topology asks",
  usage: "[LAB] [--pairs N | --all]",
  options: {
    pairs: {
      type: "string",
      value: "N",
      help: `measure N ordered pairs, chosen at random so that every node and every set of conditions comes up (default ${defaultPairs})`,
    },
    all: { type: "boolean", help: "measure every pair, however long it takes" },
    seconds: {
      type: "string",
      value: "N",
      help: "probe for N seconds (default 2, or 3.5 where jitter or loss is asked)",
    },
    seed: { type: "string", value: "N", help: "of the random choice of pairs and moments (default 1)" },
    plain: { type: "boolean", help: "expect what the topology says, without the impairments in force" },
    worst: { type: "string", value: "N", help: `print N rows (default ${defaultWorst})` },
    full: { type: "boolean", help: "print every pair in a row of its own" },
  },
  examples: [
    ["./brume verify smallest", "every pair of a small lab in some five seconds"],
    ["./brume verify big --pairs 2000 --worst 50", "more pairs than usual of a lab of 100 nodes"],
    [
      "./brume verify smallest --format json",
      "the whole report as one document; the exit status is 1 when a pair is off",
    ],
  ],
  async run(args, output) {
    const [name, ...more] = args.positionals;
    if (more.length > 0) throw usageError("verify takes one lab", "./brume verify LAB");
    const choice = choiceOf(args);
    const table = { worst: args.count("worst", defaultWorst, 1), full: args.flag("full") };
    const lab = new Lab(chooseLab(name));
    try {
      const report = await verifyLab(lab, choice, {
        progress: output.progress,
        now: () => new Date(),
        nowMs: () => performance.now(),
      });
      lab.folder.write("verify.json", report);
      output.result(report, reportText(report, table));
      return report.verdict === "ok" ? 0 : 1;
    } finally {
      lab.close();
    }
  },
};

function choiceOf(args: Arguments): VerificationChoice {
  const all = args.flag("all");
  if (all && args.text("pairs") !== undefined)
    throw usageError("verify: --all and --pairs exclude each other", "give one of them");
  return {
    pairs: all ? Number.POSITIVE_INFINITY : args.count("pairs", defaultPairs, 2),
    ...(args.text("seconds") !== undefined && { seconds: args.count("seconds", 2, 1) }),
    seed: args.count("seed", 1),
    plain: args.flag("plain"),
  };
}
