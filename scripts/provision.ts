/** `./brume provision FILE`: a topology file becomes a running lab, or a running lab becomes what the file says now. */
import { provision } from "#testbed/provision.ts";
import { describeStep, type Step } from "#testbed/steps.ts";
import { loadTopology } from "#testbed/topology/load.ts";
import { usageError } from "./arguments.ts";
import { interruptible } from "./interruptible.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  name: "provision",
  summary: "turn a topology file into running nodes, or apply its changes to the running lab",
  usage: "FILE [--name LAB] [--dry-run]",
  options: {
    name: { type: "string", value: "LAB", help: "call the lab so (default: the topology's name)" },
    "dry-run": { type: "boolean", help: "print the steps and their reasons, and do none of them" },
  },
  examples: [
    ["./brume provision topologies/smallest.yaml", "three nodes, up in a moment"],
    ["./brume provision topologies/fog-15.yaml --dry-run", "what it would do"],
  ],
  async run(args, output) {
    const [file, ...more] = args.positionals;
    if (file === undefined || more.length > 0)
      throw usageError("provision takes one topology file", "./brume provision topologies/smallest.yaml");
    const loaded = await loadTopology(file);
    const topology = { ...loaded, name: args.text("name") ?? loaded.name };
    const dryRun = args.flag("dry-run");
    const startedMs = performance.now();
    const onStep = progressOf(output.progress);
    const notes: string[] = [];
    const tell = (note: string) => {
      notes.push(note);
      output.progress(note);
    };
    const { steps, folder } = await interruptible((signal) =>
      provision(topology, { dryRun, onStep, tell, signal }),
    );
    const seconds = (performance.now() - startedMs) / 1000;
    const document = { lab: folder.name, dryRun, seconds, steps, notes };
    output.result(document, dryRun ? planText(steps) : doneText(folder.name, steps, seconds));
    return 0;
  },
};

/** A hundred equal steps are one line of news. */
function progressOf(progress: (line: string) => void) {
  let last = "";
  return (step: Step, index: number, count: number): void => {
    if (step.do === last) return;
    last = step.do;
    progress(`[${index + 1}/${count}] ${describeStep(step)}`);
  };
}

function planText(steps: readonly Step[]): string {
  return steps.length === 0
    ? "nothing to do: the lab is as the file says"
    : steps.map(describeStep).join("\n");
}

function doneText(lab: string, steps: readonly Step[], seconds: number): string {
  if (steps.length === 0) return `${lab}: nothing to do, the lab is as the file says`;
  const counts = new Map<string, number>();
  for (const step of steps) counts.set(step.do, (counts.get(step.do) ?? 0) + 1);
  const list = [...counts].map(([name, count]) => (count === 1 ? name : `${name} ×${count}`)).join(", ");
  return [
    `${lab} is up: ${list} in ${seconds.toFixed(2)} s`,
    `  ./brume verify ${lab}                       measure its links`,
    `  ./brume exec ${lab} NODE -- ping -c 3 OTHER  run something on a node`,
    `  ./brume destroy ${lab}                      end it`,
  ].join("\n");
}
