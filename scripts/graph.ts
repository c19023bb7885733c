/** `./brume graph FILE|LAB`: draws a topology as SVG or as Mermaid text. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { draw, drawingFormats, fittingLayout, layouts } from "#testbed/graph/draw.ts";
import { LabFolder } from "#testbed/lab.ts";
import { compileNetwork } from "#testbed/network/compile.ts";
import { loadTopology } from "#testbed/topology/load.ts";
import type { Topology } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import { usageError } from "./arguments.ts";
import type { Arguments, Verb } from "./verb.ts";

/** The topology that a running lab keeps as its record, or undefined when there is no such lab. */
type TopologyOfLab = (lab: string) => Promise<Topology | undefined>;

export const graphVerb = (topologyOfLab: TopologyOfLab): Verb => ({
  name: "graph",
  summary: "draw a topology: SVG by tiers, by coordinates or on a circle, or Mermaid text",
  usage: "FILE|LAB",
  options: {
    as: { type: "string", value: drawingFormats.join("|"), help: "what to write (default svg)" },
    layout: {
      type: "string",
      value: layouts.join("|"),
      help: "where nodes stand in the SVG (default: tiers, or coordinates where nearly all nodes differ)",
    },
    out: { type: "string", short: "o", value: "FILE", help: "write to FILE (default: stdout)" },
  },
  examples: [
    [
      "./brume graph topologies/fog-15.yaml --out fog-15.svg",
      "columns by role, a curve for each bundle of equal pairs",
    ],
    [
      "./brume graph topologies/cities.yaml --layout coordinates --out cities.svg",
      "on a map, or by delay without one",
    ],
    ["./brume graph topologies/three-tier-fog.yaml --as mermaid", "a flowchart for a Markdown page"],
  ],
  async run(args, output) {
    const [subject, extra] = args.positionals;
    if (subject === undefined || extra !== undefined) {
      throw usageError("graph: takes one FILE or LAB", "for example ./brume graph topologies/fog-15.yaml");
    }
    const format = choice(args, "as", drawingFormats);
    const asked = args.text("layout") === undefined ? undefined : choice(args, "layout", layouts);
    if (format === "mermaid" && asked !== undefined) {
      throw usageError("graph: --layout is of SVG alone", "leave it out: Mermaid lays out by itself");
    }
    const topology = await topologyOf(subject, topologyOfLab);
    const network = compileNetwork(topology);
    const layout = asked ?? fittingLayout(topology, network);
    const drawing = draw(topology, network, format, layout);
    const out = args.text("out");
    if (out !== undefined) {
      mkdirSync(dirname(resolve(out)), { recursive: true });
      writeFileSync(out, drawing);
      output.progress(`wrote ${out}`);
    }
    const document = { name: topology.name, as: format, ...(format === "svg" ? { layout } : {}) };
    output.result(
      out === undefined ? { ...document, drawing } : { ...document, out },
      out === undefined ? drawing : "",
    );
    return 0;
  },
});

/** A word that could be a path is one; labs are asked only for plain names. */
async function topologyOf(subject: string, topologyOfLab: TopologyOfLab): Promise<Topology> {
  if (existsSync(subject) || /[/.]/.test(subject)) return await loadTopology(subject);
  const topology = await topologyOfLab(subject);
  if (topology) return topology;
  const what = `${subject}: neither a file nor a lab`;
  throw new UserError("no-such-topology", what, "name a topology file, such as topologies/smallest.yaml", 2);
}

/** The first of `words` is the default. */
function choice<Word extends string>(
  args: Arguments,
  option: string,
  words: readonly [Word, ...Word[]],
): Word {
  const raw = args.text(option);
  if (raw === undefined) return words[0];
  const found = words.find((word) => word === raw);
  if (found === undefined)
    throw usageError(`--${option} ${raw}: there is no such choice`, `one of: ${words.join(", ")}`);
  return found;
}

export const graph = graphVerb(async (lab) => new LabFolder(lab).topology());
