/** `./brume impair LAB …`: changes what a running lab's nodes feel, or does something to a node, by hand. */
import { parse } from "yaml";
import { chooseLab } from "#testbed/lab.ts";
import type { PairRule } from "#testbed/network/conditions.ts";
import { Lab } from "#testbed/open-lab.ts";
import { parseRule } from "#testbed/topology/load.ts";
import { instantActions } from "#testbed/topology/read-events.ts";
import { TopologyError } from "#testbed/topology/topology-error.ts";
import { readDuration } from "#testbed/topology/units.ts";
import { usageError } from "./arguments.ts";
import type { Arguments, Output, Verb } from "./verb.ts";

const conditions = {
  delay: ["25ms", "one-way delay; +30ms adds to what is in force"],
  jitter: [
    "10ms",
    "variation of the delay: a standard deviation, or { spread: 10ms, distribution: uniform }",
  ],
  loss: ["1%", "share of packets lost, or { ratio: 1%, burst: 5 }"],
  duplicate: ["1%", "share of packets doubled"],
  corrupt: ["0.1%", "share of packets with a flipped bit"],
  rate: ["10Mbit/s", "the pair's own rate"],
  queue: ["64KB", "where packets wait for the rate"],
  mtu: ["1400", "largest packet"],
} as const;

const deeds = ["crash", "restart", "pause", "resume", "partition", "heal"] as const;
type DeedName = (typeof deeds)[number];

/** What each use of the verb takes; an option beside another one's would be passed over in silence. */
const rule = ["from", "to", "both", "for", "name", "cut", ...Object.keys(conditions)];
const uses = [
  { by: ["node", "do"], takes: ["node", "do", "for"] },
  { by: ["lift"], takes: ["lift"] },
  { by: ["clear"], takes: ["clear"] },
  { by: rule, takes: rule },
];

export const verb: Verb = {
  name: "impair",
  summary: "change what a running lab feels, by hand; without options: what is in force",
  usage:
    "LAB [--from P] [--to P] [--delay 25ms ...] [--for 30s] | LAB --node N --do WHAT | LAB --lift NAME | LAB --clear",
  options: {
    from: { type: "string", value: "PATTERN", help: "the senders (default: all nodes)" },
    to: { type: "string", value: "PATTERN", help: "the receivers (default: all nodes)" },
    both: { type: "boolean", help: "the way back as well" },
    ...Object.fromEntries(
      Object.entries(conditions).map(([name, [value, help]]) => [
        name,
        { type: "string" as const, value, help },
      ]),
    ),
    cut: { type: "boolean", help: "nothing passes" },
    for: { type: "string", value: "30s", help: "how long (default: until it is lifted)" },
    name: { type: "string", value: "NAME", help: "a name to lift it by (default: by hand N)" },
    node: { type: "string", value: "NODE", help: "the node for --do" },
    do: { type: "string", value: deeds.join("|"), help: "what to do to the node" },
    lift: { type: "string", value: "NAME", help: "end the impairment of this name" },
    clear: { type: "boolean", help: "end every impairment" },
  },
  examples: [
    [
      "./brume impair fog-15 --to 'dsp[6-10]' --delay +50ms --for 30s",
      "half of the workers move away for a while",
    ],
    ["./brume impair fog-15 --node dsp3 --do partition --for 10s", "one node hears nobody for ten seconds"],
    ["./brume impair fog-15", "what is in force now"],
  ],
  async run(args, output) {
    checkTogether(args);
    const lab = new Lab(chooseLab(args.positionals[0]));
    try {
      if (args.positionals.length > 1) throw usageError("impair takes one lab", "./brume impair LAB --help");
      if (args.text("do") !== undefined || args.text("node") !== undefined) await act(lab, args, output);
      else if (args.flag("clear") || args.text("lift") !== undefined) await lift(lab, args, output);
      else if (asked(args)) await impose(lab, args, output);
      else await list(lab, output);
      return 0;
    } finally {
      lab.close();
    }
  },
};

function checkTogether(args: Arguments): void {
  const given = Object.keys(verb.options).filter((name) => args.flag(name) || args.text(name) !== undefined);
  const use = uses.find(({ by }) => by.some((name) => given.includes(name)));
  const other = given.find((name) => use && !use.takes.includes(name));
  if (use && other !== undefined) {
    const first = given.find((name) => use.by.includes(name));
    throw usageError(`impair: --${other} does not go with --${first}`, "give two commands");
  }
  if (use?.takes === rule && !asked(args)) {
    const some = ["cut", ...Object.keys(conditions)].map((name) => `--${name}`).join(", ");
    throw usageError(`impair: --${given[0]} alone changes nothing`, `add at least one of: ${some}`);
  }
  if (args.text("name") === "") throw usageError("--name: a name is empty", "for example --name storm");
}

function asked(args: Arguments): boolean {
  return args.flag("cut") || Object.keys(conditions).some((name) => args.text(name) !== undefined);
}

async function impose(lab: Lab, args: Arguments, output: Output): Promise<void> {
  const rules = await rulesOf(lab, args);
  const name = args.text("name");
  const forMs = durationOf(args);
  const done = await lab.keeper.ask("POST /impose", {
    rules,
    ...(name !== undefined && { name }),
    ...(forMs !== undefined && { forMs }),
  });
  const ending =
    forMs === undefined
      ? `end it with ./brume impair ${lab.folder.name} --lift '${done.name}'`
      : `ends by itself`;
  output.result(
    { ...done, rules },
    `${done.name}: ${done.pairsChanged} pairs feel something else now; ${ending}`,
  );
}

/** By the parser of topology files, so that a rule by hand means what the same rule in a file means. */
async function rulesOf(lab: Lab, args: Arguments): Promise<readonly PairRule[]> {
  const rule: Record<string, unknown> = {};
  for (const name of ["from", "to", ...Object.keys(conditions)]) {
    const text = args.text(name);
    if (text !== undefined) rule[name] = text.startsWith("{") ? mappingOf(name, text) : text;
  }
  if (args.flag("both")) rule.both = true;
  if (args.flag("cut")) rule.cut = "true";
  const { impairments } = await lab.keeper.ask("GET /status");
  const inForce = impairments.flatMap(({ rules }) => rules);
  const below = { ...lab.topology, pairs: [...lab.topology.pairs, ...inForce] };
  try {
    return parseRule(rule, below);
  } catch (error) {
    const mistake = error instanceof TopologyError ? error.mistakes[0] : undefined;
    if (!mistake) throw error;
    throw usageError(`impair: ${mistake.what}`, mistake.fix);
  }
}

function mappingOf(name: string, text: string): unknown {
  try {
    return parse(text, { schema: "failsafe" });
  } catch {
    throw usageError(`--${name} ${text}: not YAML`, "close every quote and brace, as in { spread: 10ms }");
  }
}

function durationOf(args: Arguments): number | undefined {
  const text = args.text("for");
  if (text === undefined) return undefined;
  const reading = readDuration(text);
  if ("complaint" in reading)
    throw usageError(`--for ${text}: ${reading.complaint.what}`, reading.complaint.fix);
  if (reading.value === 0) throw usageError(`--for ${text}: lasts no time`, "for example --for 30s");
  return reading.value;
}

async function act(lab: Lab, args: Arguments, output: Output): Promise<void> {
  const [name, wanted] = [args.text("node"), args.text("do")];
  const deed = deeds.find((each) => each === wanted);
  if (wanted !== undefined && deed === undefined) {
    throw usageError(`--do ${wanted}: nodes do no such thing`, `one of: ${deeds.join(", ")}`);
  }
  if (name === undefined || deed === undefined) {
    throw usageError(
      "impair: --node and --do go together",
      `./brume impair ${lab.folder.name} --node NODE --do ${deeds.join("|")}`,
    );
  }
  if (args.text("for") !== undefined && instantActions.includes(deed)) {
    throw usageError(`--for: ${deed} is over at once`, "remove --for");
  }
  lab.node(name);
  await perform(lab, name, deed, durationOf(args));
  output.result({ node: name, did: deed }, `${name}: ${deed} done`);
}

async function perform(lab: Lab, name: string, deed: DeedName, forMs: number | undefined): Promise<void> {
  switch (deed) {
    case "restart":
      await lab.keeper.ask("POST /act", { node: name, action: "crash" });
      await lab.keeper.ask("POST /act", { node: name, action: "start" });
      break;
    case "partition":
      await lab.keeper.ask("POST /impose", {
        name: `partition of ${name}`,
        rules: [],
        isolates: name,
        ...(forMs !== undefined && { forMs }),
      });
      break;
    case "heal":
      await lab.keeper.ask("POST /lift", { node: name });
      break;
    case "crash":
    case "pause":
    case "resume":
      await lab.keeper.ask("POST /act", { node: name, action: deed, ...(forMs !== undefined && { forMs }) });
      break;
    default:
      deed satisfies never;
  }
}

async function lift(lab: Lab, args: Arguments, output: Output): Promise<void> {
  const name = args.text("lift");
  const { lifted } = await lab.keeper.ask("POST /lift", name === undefined ? {} : { name });
  if (name !== undefined && lifted.length === 0) {
    throw usageError(
      `impair: no impairment is called ${name}`,
      `./brume impair ${lab.folder.name} lists them`,
    );
  }
  output.result(
    { lifted },
    lifted.length === 0 ? "nothing was in force" : lifted.map((each) => `${each}: lifted`).join("\n"),
  );
}

async function list(lab: Lab, output: Output): Promise<void> {
  const { impairments } = await lab.keeper.ask("GET /status");
  const lines = impairments.map(({ name, rules }) => `${name}: ${rules.map(ruleText).join("; ")}`);
  output.result({ impairments }, lines.join("\n") || "nothing lies on top of the topology's conditions");
}

function ruleText({ from, to, change }: PairRule): string {
  const some = (names: readonly string[]) =>
    names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
  return `${some(from)} → ${some(to)} ${JSON.stringify(change)}`;
}
