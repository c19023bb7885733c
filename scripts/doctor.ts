/**
 * `./brume doctor [TOPOLOGY]`: what this machine and those of the topology's nodes can do, and for all that they lack, the
 * command that gets it.
 */
import { type Ask, checkNodes, type NodeHealth } from "#testbed/doctor/check-nodes.ts";
import { checkTopology } from "#testbed/doctor/check-topology.ts";
import { examine } from "#testbed/doctor/examine.ts";
import { type Finding, labsCanRun } from "#testbed/doctor/finding.ts";
import { realMachine } from "#testbed/doctor/machine.ts";
import { placed } from "#testbed/nodes/placed.ts";
import { loadTopology } from "#testbed/topology/load.ts";
import { usageError } from "./arguments.ts";
import { table } from "./table.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  name: "doctor",
  summary: "say what this machine can do, and how to get what it lacks",
  usage: "[FILE]",
  options: {},
  examples: [
    ["./brume doctor", "can labs run here, with or without root, and what would they miss"],
    ["./brume doctor topologies/fog-15.yaml", "can this topology run here"],
    ["./brume doctor topologies/pi-rack.yaml", "log in to every Raspberry Pi of it, and say how each one is"],
  ],
  async run(args, output) {
    const [file, ...more] = args.positionals;
    if (more.length > 0) throw usageError("doctor takes one topology file, or none", "./brume doctor [FILE]");
    const topology = file === undefined ? undefined : await placed(await loadTopology(file));
    const [machine, about, nodes] = await Promise.all([
      examine(realMachine),
      topology === undefined ? [] : checkTopology(topology, realMachine),
      topology === undefined ? [] : checkNodes(topology, visit),
    ]);
    const able = labsCanRun([...machine, ...about]) && nodes.every((node) => node.able);
    const text = [
      ...lines(machine),
      ...(file === undefined ? [] : ["", `${file}:`, ...lines(about)]),
      ...(nodes.length === 0 ? [] : ["", nodeTable(nodes), ...nodeProblems(nodes)]),
      "",
      able ? verdict(file) : refusal(labsCanRun(machine) ? file : undefined),
    ];
    output.result(
      { able, machine, ...(file === undefined ? {} : { file, topology: about, nodes }) },
      text.join("\n"),
    );
    return able ? 0 : 1;
  },
};

function refusal(file: string | undefined): string {
  const what = file === undefined ? "No lab can" : `${file} cannot`;
  return `${what} run here until what is missing is there.`;
}

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

/** All of ssh is loaded where there is somebody to visit. */
const visit: Ask = async (settings, kind) => {
  const { visit: logIn } = await import("#testbed/doctor/visit.ts");
  return await logIn(settings, kind);
};

/** One row for each machine; what is wrong with it follows below the table. */
function nodeTable(nodes: readonly NodeHealth[]): string {
  const head = [
    "node",
    "host",
    "model",
    "kernel",
    "cores",
    "°C",
    "power",
    "disk GB",
    "clock ms",
    "netem",
    "Node.js",
  ];
  const rows = nodes.map(({ node, host, facts, clock, findings }) => {
    if (facts === undefined) return [node, host, "-", "-", "-", "-", "-", "-", "-", "-", "-"];
    const power = findings.find(({ what }) => what === "power");
    return [
      node,
      host,
      facts.model ?? "-",
      `${facts.kernel} ${facts.architecture}`,
      `${facts.cores}`,
      facts.celsius?.toFixed(0) ?? "-",
      power === undefined ? "-" : power.state === "ok" ? "ok" : "weak",
      facts.diskFreeBytes === undefined ? "-" : (facts.diskFreeBytes / 1e9).toFixed(1),
      clock === undefined ? "-" : `${clock.offsetMs.toFixed(1)} ±${clock.uncertaintyMs.toFixed(1)}`,
      facts.netem === "" ? "yes" : "no",
      facts.nodeVersion ?? "-",
    ];
  });
  return table(head, rows);
}

function nodeProblems(nodes: readonly NodeHealth[]): string[] {
  const findings = nodes.flatMap(({ node, findings }) =>
    findings
      .filter(({ state }) => state !== "ok")
      .map((finding) => ({ ...finding, what: `${node}: ${finding.what}` })),
  );
  return findings.length === 0 ? ["every machine is in good order"] : ["", ...lines(findings)];
}
