/** `./brume validate FILE...`: says what topology and experiment files mean, or every mistake in them. Nothing is started. */
import { readFileSync } from "node:fs";
import { isExperiment } from "#lab/experiment/is-experiment.ts";
import { readExperiment } from "#lab/experiment/load.ts";
import { experimentJsonSchema } from "#lab/experiment/schema.ts";
import { type ExperimentSummary, summarizeExperiment } from "#lab/experiment/summary.ts";
import { parseTopology, readWrittenFile } from "#testbed/topology/load.ts";
import { topologyJsonSchema } from "#testbed/topology/schema.ts";
import { type Range, summarize, type TopologySummary } from "#testbed/topology/summary.ts";
import { type Mistake, MistakesError, mistakeText } from "#testbed/topology/topology-error.ts";
import { topologyKind } from "#testbed/topology/yaml-tree.ts";
import { usageError } from "./arguments.ts";
import { describeExperiment } from "./validate-experiment.ts";
import type { Verb } from "./verb.ts";

type Verdict =
  | { file: string; valid: true; is: "topology"; summary: TopologySummary }
  | { file: string; valid: true; is: "experiment"; summary: ExperimentSummary }
  | { file: string; valid: false; mistakes: readonly Mistake[] };

export const validate: Verb = {
  name: "validate",
  summary: "check topology and experiment files and say what they mean; nothing is started",
  usage: "FILE...",
  options: {
    schema: {
      type: "boolean",
      help: "print the JSON Schema of topology files instead, or with `experiment` in place of FILE that of experiments",
    },
  },
  examples: [
    ["./brume validate topologies/fog-15.yaml", "what the file comes to: nodes, pairs, delays, events"],
    [
      "./brume validate topologies/*.yaml --format json",
      "one verdict per file, mistakes with line and column",
    ],
    ["./brume validate experiments/v1-join.yaml", "its conditions and runs, and how long they take"],
    ["./brume validate --schema > topologies/topology.schema.json", "bring the editors' schema up to date"],
  ],
  async run(args, output) {
    if (args.flag("schema")) {
      const schema = schemaOf(args.positionals);
      output.result(schema, JSON.stringify(schema, null, 2));
      return 0;
    }
    if (args.positionals.length === 0) {
      throw usageError("validate: FILE is missing", "for example ./brume validate topologies/smallest.yaml");
    }
    const files: Verdict[] = [];
    for (const file of args.positionals) files.push(await verdictOn(file));
    if (!output.json) {
      for (const verdict of files)
        if (!verdict.valid) output.progress(verdict.mistakes.map(mistakeText).join("\n"));
    }
    const valid = files.every((verdict) => verdict.valid);
    output.result(
      { valid, files },
      files.flatMap((verdict) => (verdict.valid ? [describe(verdict)] : [])).join("\n"),
    );
    return valid ? 0 : 2;
  },
};

async function verdictOn(file: string): Promise<Verdict> {
  try {
    // Read once: a pipe, as of `validate <(./brume generate ...)`, has its text only for the first who asks.
    const text = await readWrittenFile(file, topologyKind);
    if (isExperiment(text)) {
      return {
        file,
        valid: true,
        is: "experiment",
        summary: summarizeExperiment(await readExperiment(text, file)),
      };
    }
    return { file, valid: true, is: "topology", summary: summarize(parseTopology(text, file, readSide)) };
  } catch (error) {
    if (error instanceof MistakesError) return { file, valid: false, mistakes: error.mistakes };
    throw error;
  }
}

function readSide(path: string): string {
  return readFileSync(path, "utf8");
}

function schemaOf([kind = "topology", ...rest]: readonly string[]): Record<string, unknown> {
  if (rest.length > 0) throw usageError("validate: --schema is of one kind", "topology or experiment");
  if (kind === "topology") return topologyJsonSchema();
  if (kind === "experiment") return experimentJsonSchema();
  throw usageError(`validate: there is no schema of ${JSON.stringify(kind)}`, "topology or experiment");
}

function describe(verdict: Extract<Verdict, { valid: true }>): string {
  return verdict.is === "experiment"
    ? describeExperiment(verdict.file, verdict.summary)
    : describeTopology(verdict.file, verdict.summary);
}

function describeTopology(file: string, summary: TopologySummary): string {
  const { nodes, pairs, events, switches, links, sharedRates } = summary;
  const rows: (readonly [string, string])[] = [
    ["nodes", `${nodes}: ${counts(summary.roles)}; ${counts(summary.kinds)}`],
    ["devices", counts(summary.devices)],
    ["fabric", `${summary.fabric}, MTU ${summary.mtuBytes} bytes`],
  ];
  if (links > 0) rows.push(["links", `${links}, over ${counted(switches, "switch", "switches")}`]);
  rows.push([
    "pairs",
    `${pairs} ordered, ${counted(summary.distinctConditions, "distinct set", "distinct sets")} of conditions`,
  ]);
  rows.push(["one-way", pairText(summary)]);
  if (summary.rateBitsPerSecond) {
    rows.push([
      "rates",
      `${range(summary.rateBitsPerSecond, rateText)}, ${sharedRates} shared between pairs`,
    ]);
  }
  if (events > 0) rows.push(["events", `${events}, over after ${(summary.lastEventMs ?? 0) / 1000} s`]);
  return [
    `${file}: valid, ${summary.name}`,
    ...rows.map(([word, text]) => `  ${word.padEnd(8)}  ${text}`),
  ].join("\n");
}

function pairText({ delayMs, jitteryPairs, lossyPairs, cutPairs }: TopologySummary): string {
  const parts = delayMs ? [`delay ${range(delayMs, (ms) => `${ms} ms`)}`] : [];
  if (jitteryPairs > 0) parts.push(`jitter on ${counted(jitteryPairs, "pair", "pairs")}`);
  if (lossyPairs > 0) parts.push(`loss on ${counted(lossyPairs, "pair", "pairs")}`);
  if (cutPairs > 0) parts.push(`${counted(cutPairs, "pair", "pairs")} cut`);
  return parts.join(", ") || "there is nobody to talk to";
}

function counts(words: Readonly<Record<string, number>>): string {
  return Object.entries(words)
    .map(([word, count]) => `${count} ${word}`)
    .join(", ");
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function range({ least, most }: Range, text: (value: number) => string): string {
  return least === most ? text(least) : `${text(least)} to ${text(most)}`;
}

function rateText(bitsPerSecond: number): string {
  const units = [
    [1e9, "Gbit/s"],
    [1e6, "Mbit/s"],
    [1e3, "kbit/s"],
  ] as const;
  const [size, unit] = units.find(([each]) => bitsPerSecond >= each) ?? [1, "bit/s"];
  return `${Math.round((bitsPerSecond / size) * 1000) / 1000} ${unit}`;
}
