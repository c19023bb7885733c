/** `./brume doctor [TOPOLOGY]`: what this machine can do, and for all that it lacks, the command that gets it. */
import { checkTopology } from "#testbed/doctor/check-topology.ts";
import { examine } from "#testbed/doctor/examine.ts";
import { type Finding, labsCanRun } from "#testbed/doctor/finding.ts";
import { realMachine } from "#testbed/doctor/machine.ts";
import { loadTopology } from "#testbed/topology/load.ts";
import { usageError } from "./arguments.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  name: "doctor",
  summary: "say what this machine can do, and how to get what it lacks",
  usage: "[FILE]",
  options: {},
  examples: [
    ["./brume doctor", "can labs run here, with or without root, and what would they miss"],
    ["./brume doctor topologies/fog-15.yaml", "can this topology run here"],
  ],
  async run(args, output) {
    const [file, ...more] = args.positionals;
    if (more.length > 0) throw usageError("doctor takes one topology file, or none", "./brume doctor [FILE]");
    const topology = file === undefined ? undefined : await loadTopology(file);
    const machine = await examine(realMachine);
    const about = topology === undefined ? [] : await checkTopology(topology, realMachine);
    const able = labsCanRun([...machine, ...about]);
    const text = [
      ...lines(machine),
      ...(file === undefined ? [] : ["", `${file}:`, ...lines(about)]),
      "",
      able ? verdict(file) : "No lab can run here until what is missing is there.",
    ];
    output.result(
      { able, machine, ...(file === undefined ? {} : { file, topology: about }) },
      text.join("\n"),
    );
    return able ? 0 : 1;
  },
};

function verdict(file: string | undefined): string {
  return file === undefined ? "Labs can run here." : `${file} can run here.`;
}

function lines(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ what }) => what.length));
  return findings.flatMap(({ what, state, detail, remedy }) => [
    `${state.padEnd(7)}  ${what.padEnd(width)}  ${detail}`,
    ...(remedy === undefined ? [] : [`${" ".repeat(7 + 2 + width)}  fix: ${remedy}`]),
  ]);
}
