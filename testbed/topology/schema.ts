/** The schema of a topology file: its structure, its scalars, and the descriptions that editors show. */
import * as z from "zod";
import { settingKeys } from "./node-settings.ts";
import {
  conditionKeys,
  count,
  duration,
  fileName,
  mtu,
  number,
  queue,
  rate,
  someTime,
  yesNo,
} from "./schema-conditions.ts";
import { choice, list, mapping, named, scalar } from "./schema-parts.ts";
import { nodeActions, nodeKinds } from "./topology.ts";

const word = (description: string, example: string) =>
  scalar((text) => ({ value: text }), { description, examples: [example] });

const onePattern = word("Names, with brackets and wildcards.", "dsp[1-10]");
const patterns = (description: string) =>
  z.union([onePattern, list(onePattern, description, '["dsp[1-3]", "gen*"]')]).meta({ description });

const kind = choice(nodeKinds, "How the node comes to be (default netns).");
const device = word("Device class: how strong the node is; none for no limit (default none).", "pi4b");
const cores = count(
  "Cores of the device that the node may use together (default 1: then no single thread outruns the device).",
  1,
  64,
  4,
);
const role = word(
  "What the node is for: jobs choose nodes by it; switch only joins links (default worker).",
  "worker",
);
const tier = word("Layer the node belongs to, for graphs.", "edge");

const node = mapping("a node", "One node, or as many as the brackets of its name stand for.", {
  role: role.optional(),
  kind: kind.optional(),
  device: device.optional(),
  cores: cores.optional(),
  tier: tier.optional(),
  position: mapping("a position", "Where the node stands on earth, in degrees.", {
    latitude: number("Degrees north.", -90, 90, 52.52),
    longitude: number("Degrees east.", -180, 180, 13.4),
  }).optional(),
  ...settingKeys,
});

const defaults = mapping("defaults", "What nodes are unless they say otherwise.", {
  role: role.optional(),
  kind: kind.optional(),
  device: device.optional(),
  cores: cores.optional(),
  tier: tier.optional(),
  ...settingKeys,
});

const access = z
  .union([
    rate("Rate of both directions."),
    mapping("an access link", "A node's own up and down link, shared by all its peers.", {
      up: rate("From the node into the network.").optional(),
      down: rate("From the network to the node.").optional(),
      queue: queue.optional(),
    }),
  ])
  .meta({ description: "A node's own up and down link, shared by all its peers." });

const fromTo = {
  from: patterns('Senders (default "*").').optional(),
  to: patterns('Receivers (default "*").').optional(),
  both: yesNo("True: the rule holds for the way back, too.").optional(),
};

const pairRule = mapping("a pair rule", "What ordered pairs feel. Later rules win per property.", {
  ...fromTo,
  ...conditionKeys,
});

const matrix = mapping("a matrix", "Base delays from a table of measurements (TSV or CSV).", {
  file: fileName("The table: a row for each sender, a column for each receiver."),
  holds: choice(["rtt", "one-way"], "What the table's numbers are; of round trips each way gets half."),
  unit: choice(["ms", "us", "s"], "Unit of the table's numbers."),
  nodes: patterns(
    "Nodes that the rows stand for, in order (default: the table's header names nodes).",
  ).optional(),
  scale: number("Multiplies every delay (default 1).", 1e-6, 1e6, 0.5).optional(),
});

const link = mapping("a link", "A link of a multi-hop graph, both directions alike.", {
  endpoints: list(word("A node or a switch.", "edge1"), "The two ends.", "[edge1, switch1]"),
  ...conditionKeys,
});

const event = mapping("an event", "A change of conditions for some pairs, or something that befalls nodes.", {
  at: duration("When, from the start of the timeline.", ["60s"]),
  for: someTime("How long (default: to the end).", ["30s"]).optional(),
  every: someTime("Period of flap and churn.", ["5s"]).optional(),
  pairs: mapping("the pairs of an event", "Whom the conditions beside it befall.", fromTo).optional(),
  node: patterns("Nodes that it befalls.").optional(),
  nodes: patterns("Nodes that it befalls.").optional(),
  do: choice(nodeActions, "What befalls the nodes.").optional(),
  ...conditionKeys,
});

export const topologyFile = mapping("a topology", "Nodes, and what every ordered pair of them feels.", {
  name: word("Name of the lab.", "fog-15"),
  defaults: defaults.optional(),
  fabric: choice(["auto", "wire", "netem"], "What makes links slow (default auto).").optional(),
  mtu: mtu.optional(),
  seed: count("Seeds every random choice of the network (default 1).", 0, 2 ** 32 - 1, 1).optional(),
  subnet: word("IPv4 range of the lab's nodes (default: brume finds a free one).", "10.90.0.0/16").optional(),
  nodes: named(
    node.nullable(),
    "Nodes by name; brackets declare many at once.",
    "edge[1-3]: { role: worker }",
  ),
  network: mapping("network", "What the nodes' links are like.", {
    access: named(access, "Rates of nodes' own links.", '"dsp[1-10]": 100Mbit/s').optional(),
    pairs: list(
      pairRule,
      "Rules for ordered pairs, later ones win.",
      '- { to: "dsp*", delay: 25ms }',
    ).optional(),
    matrix: matrix.optional(),
  })
    .nullable()
    .optional()
    .meta({ description: "What the nodes' links are like." }),
  links: list(link, "Links of a multi-hop graph.", "- { endpoints: [a, b], delay: 5ms }").optional(),
  events: list(event, "The timeline.", "- { at: 60s, node: dsp3, do: crash }").optional(),
});

export type TopologyFile = z.output<typeof topologyFile>;

/** For editors; `topologies/topology.schema.json` holds it. */
export function topologyJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(topologyFile, { io: "input" });
  return { title: "brume topology", ...schema };
}
