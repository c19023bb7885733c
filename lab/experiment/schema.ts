/** The schema of an experiment file: its structure, its scalars, and the descriptions that editors show. */
import * as z from "zod";
import { count, duration, fileName, number, someTime, yesNo } from "#testbed/topology/schema-conditions.ts";
import { choice, list, mapping, scalar } from "#testbed/topology/schema-parts.ts";
import { nodeKinds } from "#testbed/topology/topology.ts";
import { type Complaint, quote } from "#testbed/topology/topology-error.ts";
import { type Reading, readDuration, readSize } from "#testbed/topology/units.ts";
import { readRecordRate } from "./engine-words.ts";
import { modelNames, policyNames } from "./experiment.ts";

const word = (description: string, example: string) =>
  scalar((text) => ({ value: text }), { description, examples: [example] });

const recordRate = (description: string, example = "50k/s") =>
  scalar(readRecordRate, { description, examples: [example], pattern: "^\\s*[0-9.]+\\s*[kMG]?/s\\s*$|^0$" });

const parallelism = (description: string, example: number) => count(description, 1, 4096, example);

const size = (description: string, example: string, leastBytes: number) =>
  scalar(
    (text) => {
      const bytes = readSize(text);
      if ("complaint" in bytes || bytes.value >= leastBytes) return bytes;
      const what = `${quote(text)} is less than ${leastBytes} bytes`;
      return { complaint: { fault: "out-of-range", what, fix: `write ${leastBytes}B or more` } };
    },
    { description, examples: [example] },
  );

const every = scalar(readEvery, {
  description: "How often; none for no checkpoints (default 10s).",
  examples: ["10s", "none"],
});

const store = scalar(readStore, {
  description:
    "Where checkpoints go: folder (one of the run's own), minio (brume starts one), folder:DIR or minio:BUCKET/PREFIX (default folder).",
  examples: ["folder", "minio", "folder:/mnt/nfs/brume", "minio:brume/checkpoints"],
});

const job = z
  .object(
    { use: word("A built-in job's name, or the path of a job file relative to this file.", "map") },
    { error: (issue) => (issue.input === undefined ? missing("job: { use: map }") : shape(issue.input)) },
  )
  .catchall(
    scalar((text) => ({ value: text }), {
      description: "A setting of the job; ./brume job NAME --help lists them.",
      examples: ["50k"],
      type: ["string", "number", "boolean"],
    }),
  )
  .meta({ description: "What runs: use names it, every other key is a setting of that job." });

const load = mapping("a load", "How many records each source makes; one of these forms.", {
  rate: recordRate("The same all the time.").optional(),
  steps: list(
    mapping("a step", "A rate for some time.", {
      rate: recordRate("Records per second."),
      for: someTime("How long (the last one: to the end of the run).", ["30s"]).optional(),
    }),
    "One rate after the other.",
    "- { rate: 10k/s, for: 30s }",
  ).optional(),
  ramp: mapping("a ramp", "Rises or falls evenly, then stays.", {
    from: recordRate("At the start.", "1k/s"),
    to: recordRate("At the end.", "10k/s"),
    over: someTime("In how long.", ["60s"]),
  }).optional(),
  spike: mapping("a spike", "A rate, another one for some time, and back.", {
    base: recordRate("Before and after.", "1k/s"),
    peak: recordRate("During the spike.", "10k/s"),
    at: duration("When it begins.", ["60s"]),
    for: someTime("How long it lasts.", ["20s"]),
  }).optional(),
  sine: mapping("a sine", "Swings around a mean, from the mean upwards first.", {
    mean: recordRate("Around which it swings.", "5k/s"),
    amplitude: recordRate("How far it goes from the mean.", "3k/s"),
    period: someTime("From one peak to the next.", ["60s"]),
  }).optional(),
  trace: mapping("a trace", "Rates of a file: lines of seconds and records per second.", {
    file: fileName("TSV or CSV, relative to the file that names it."),
    scale: number("Multiplies every rate (default 1).", 1e-9, 1e9, 0.1).optional(),
  }).optional(),
});

const engine = mapping("an engine", "What runs the job, and how.", {
  use: choice(["brume", "flink"], "Which engine (default brume).").optional(),
  checkpoints: mapping("checkpoints", "When and where state is saved.", {
    every: every.optional(),
    store: store.optional(),
    mode: choice(["aligned", "unaligned"], "Of barriers (default aligned).").optional(),
  }).optional(),
  buffers: size(
    "Memory of a worker's queues; half of it is what may be on the way to it (default 32MiB).",
    "32MiB",
    16_384,
  ).optional(),
  "batch-rows": count("Records of a full batch between workers (default 4096).", 1, 65_536, 4096).optional(),
  flush: duration("How long a batch that is not full waits (default 100ms).", ["100ms"]).optional(),
});

const autoscaler = mapping("an autoscaler", "Who decides on rescales, and within which bounds.", {
  model: choice(
    modelNames,
    "Whose predictions the policy goes by; all of them predict (default roofline).",
  ).optional(),
  policy: choice(
    [...policyNames, "rescale"],
    "What decides; rescale is another word for roofline (default roofline).",
  )
    .transform((policy) => (policy === "rescale" ? "roofline" : policy))
    .optional(),
  operator: word(
    "Id of the operator that is scaled (default: the job's one operator by key).",
    "join",
  ).optional(),
  min: parallelism("Fewest subtasks, and how many it starts with (default 1).", 1).optional(),
  max: parallelism("Most subtasks (default: one for each worker node).", 10).optional(),
  how: choice(["savepoint", "live"], "How it rescales (default savepoint).").optional(),
  shares: choice(
    ["even", "capacity"],
    "How keys are shared: the same for all, or by what each node can carry (of policies roofline, manual and ladder; default capacity with roofline, else even).",
  ).optional(),
  tick: someTime("How often it looks (default 1s, at least 100ms).", ["1s"]).optional(),
  "dry-run": yesNo("True: predicts and decides, but changes nothing (default false).").optional(),
  steps: list(
    mapping("a manual step", "When to go to which parallelism.", {
      at: duration("Since the start.", ["60s"]),
      parallelism: parallelism("Subtasks from then on.", 3),
    }),
    "What policy manual does.",
    "- { at: 60s, parallelism: 3 }",
  ).optional(),
});

const measure = mapping("a measurement", "How policy ladder finds what each parallelism can carry.", {
  "warm-up": duration("After each rescale, discarded (default 4s).", ["4s"]).optional(),
  saturate: someTime("How long the sources send as fast as they can (default 8s).", ["8s"]).optional(),
  hold: someTime("How long a rate has to hold (default 8s).", ["8s"]).optional(),
  lag: someTime("Longest delay of the sources that still counts as holding (default 1s).", ["1s"]).optional(),
});

/** Both are checked when the one is laid over the other, where their mistakes are found with their places. */
const topology = z.unknown().optional().meta({
  description: "The topology: a file relative to this one, or the topology itself.",
});
const network = z.unknown().optional().meta({
  description:
    "Rules in place of the topology's pairs: topology (its own, the default), none, a pair rule, or a list of them.",
});
/** Checked when it is laid over the topology, too. */
const nodes = z
  .unknown()
  .optional()
  .meta({
    description:
      "What all nodes are in place of what the topology says: a kind, or a mapping with kind, its settings, device and cores; brackets in host run along the nodes.",
    examples: ["docker", { kind: "ssh", host: "pi@192.168.1.[21-30]" }],
  });

const sweep = z.record(z.string(), z.unknown(), { error: (issue) => shape(issue.input) }).meta({
  description: "Lists of values by dotted path, such as job.window or network; each combination is run.",
});

export const experimentFile = mapping("an experiment", "A topology, a job, a load, and what is varied.", {
  name: word("What it is called: its runs' folder, and its lab.", "v1-join"),
  topology,
  nodes,
  network,
  job,
  load: load.optional(),
  engine: engine.optional(),
  autoscaler: autoscaler.optional(),
  measure: measure.optional(),
  sweep: sweep.optional(),
  repeat: count("How often each condition is run (default 1).", 1, 1000, 3).optional(),
  duration: someTime("How long a run lasts (default 3m).", ["3m"]).optional(),
  seed: count("Seeds every random choice; a repeat takes the next (default 1).", 0, 2 ** 31, 1).optional(),
});

export type ExperimentFile = z.output<typeof experimentFile>;

/** For editors; `experiments/experiment.schema.json` holds it, beside the topologies' one to which it refers. */
export function experimentJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(experimentFile, { io: "input" });
  const properties = schema.properties as Record<string, Record<string, unknown>>;
  const topologySchema = "../topologies/topology.schema.json";
  const rule = { $ref: `${topologySchema}#/properties/network/anyOf/0/properties/pairs/items` };
  const axis = { type: "array", minItems: 1 };
  const rules = { anyOf: [{ enum: ["topology", "none"] }, rule, { type: "array", items: rule }] };
  return {
    title: "brume experiment",
    ...schema,
    required: ["name", "topology", "job"],
    properties: {
      ...properties,
      topology: { ...described(properties.topology), anyOf: [{ type: "string" }, { $ref: topologySchema }] },
      nodes: { ...described(properties.nodes), anyOf: [{ enum: nodeKinds }, { type: "object" }] },
      network: { ...described(properties.network), ...rules },
      sweep: { ...described(properties.sweep), type: "object", additionalProperties: axis },
    },
  };
}

const described = (schema: Record<string, unknown> | undefined) => ({ description: schema?.description });

function readEvery(text: string): Reading<number> {
  if (text === "none") return { value: 0 };
  const reading = readDuration(text);
  if ("complaint" in reading || reading.value >= 100) return reading;
  const what = `${quote(text)} is less than 100ms`;
  return { complaint: { fault: "out-of-range", what, fix: "write 100ms or more, or none" } };
}

function readStore(text: string): Reading<string> {
  if (/^(folder|minio)$|^folder:.|^minio:[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/.test(text))
    return { value: text };
  const complaint: Complaint = {
    fault: "bad-value",
    what: `${quote(text)} is no store`,
    fix: "write folder, minio, folder:DIR, or minio:BUCKET/PREFIX",
  };
  return { complaint };
}

function missing(example: string): string {
  return `is missing\n  fix: add it, for example ${example}`;
}

function shape(input: unknown): string {
  const got = input === null ? "has no value" : "must be a mapping of keys to values";
  return `${got}\n  fix: see docs/experiments.md for what it holds`;
}
