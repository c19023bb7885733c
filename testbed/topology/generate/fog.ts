/**
 * Edge, fog and cloud: sites of edge devices around a few fog nodes, each site behind one uplink to the cloud.
 * Whatever leaves a site shares its uplink, which is the scarce thing in such systems.
 */

import { type Random, seededRandom } from "#testbed/seeded-random.ts";
import type { LinkEntry, NodeEntry } from "./document.ts";
import { milliseconds } from "./figures.ts";
import { generator } from "./generator.ts";
import { badOption, count, duration, percent, rate, textWithDefault } from "./options.ts";

const linkTiers = ["edge", "fog", "uplink", "cloud"] as const;
type LinkTier = (typeof linkTiers)[number];
type LinkClass = { delay: number; jitter: number; rate: string };

export const fog = generator({
  name: "fog",
  summary: "edge, fog and cloud tiers: sites of devices, each behind one uplink",
  usage: "",
  example: "./brume generate fog --sites 3 --edge 4 --generators 1 --fog 2 --cloud 2 --seed 7",
  options: {
    sites: count("sites, each with one uplink", "3", 1, 100),
    edge: count("edge workers of each site", "3", 0, 100),
    generators: count("generators at the edge of each site", "1", 0, 100),
    fog: count("fog workers of each site", "1", 0, 100),
    cloud: count("cloud workers, beside the coordinator", "2", 0, 100),
    "edge-device": textWithDefault("CLASS", "device class of edge workers", "pi3b"),
    "fog-device": textWithDefault("CLASS", "device class of fog workers", "pi5"),
    "cloud-device": textWithDefault("CLASS", "device class of cloud workers", "none"),
    "edge-delay": duration("one-way delay from an edge node to its site", "3ms"),
    "edge-jitter": duration("jitter of that link", "1ms"),
    "edge-rate": rate("rate of that link", "50Mbit/s"),
    "fog-delay": duration("one-way delay from a fog node to its site", "0.5ms"),
    "fog-jitter": duration("jitter of that link", "0ms"),
    "fog-rate": rate("rate of that link", "1Gbit/s"),
    "uplink-delay": duration("one-way delay from a site to the cloud", "20ms"),
    "uplink-jitter": duration("jitter of that link", "3ms"),
    "uplink-rate": rate("rate of that link, shared by the site", "100Mbit/s"),
    "cloud-delay": duration("one-way delay from the uplinks' far end to a cloud node", "1ms"),
    "cloud-jitter": duration("jitter of that link", "0ms"),
    "cloud-rate": rate("rate of that link", "1Gbit/s"),
    spread: percent("how far each link's delay may lie from its tier's, by the seed", "20%"),
  },
  make(values, { seed }) {
    const random = seededRandom(seed);
    const linkClass = (tier: LinkTier): LinkClass => ({
      delay: values[`${tier}-delay`],
      jitter: values[`${tier}-jitter`],
      rate: values[`${tier}-rate`],
    });
    for (const tier of linkTiers) {
      if (values[`${tier}-delay`] > 0 || values[`${tier}-jitter`] === 0) continue;
      const what = `--${tier}-delay is 0, and a link without a delay has none to vary`;
      throw badOption(
        `${tier}-jitter`,
        milliseconds(values[`${tier}-jitter`]),
        what,
        `--${tier}-jitter 0ms, or a delay`,
      );
    }
    const links: LinkEntry[] = [];
    const join = (a: string, b: string, tier: LinkTier) =>
      links.push({ endpoints: [a, b], ...impairment(linkClass(tier), values.spread, random) });

    for (let site = 1; site <= values.sites; site++) {
      const numbered = (stem: string, each: number) =>
        Array.from({ length: each }, (_, index) => `${stem}${(site - 1) * each + index + 1}`);
      for (const name of numbered("gen", values.generators)) join(name, `site${site}`, "edge");
      for (const name of numbered("edge", values.edge)) join(name, `site${site}`, "edge");
      for (const name of numbered("fog", values.fog)) join(name, `site${site}`, "fog");
      join(`site${site}`, "core", "uplink");
    }
    join("coord", "core", "cloud");
    for (let index = 1; index <= values.cloud; index++) join(`cloud${index}`, "core", "cloud");

    const nodes: Record<string, NodeEntry> = {};
    const declare = (stem: string, total: number, entry: NodeEntry): void => {
      if (total > 0) nodes[total === 1 ? `${stem}1` : `${stem}[1-${total}]`] = entry;
    };
    nodes.coord = { role: "coordinator", tier: "cloud", device: "none" };
    declare("gen", values.sites * values.generators, { role: "generator", tier: "edge", device: "none" });
    declare("edge", values.sites * values.edge, {
      role: "worker",
      tier: "edge",
      device: values["edge-device"],
    });
    declare("fog", values.sites * values.fog, { role: "worker", tier: "fog", device: values["fog-device"] });
    declare("cloud", values.cloud, { role: "worker", tier: "cloud", device: values["cloud-device"] });
    declare("site", values.sites, { role: "switch", tier: "fog" });
    nodes.core = { role: "switch", tier: "cloud" };

    const devices = values.sites * (values.edge + values.generators + values.fog) + values.cloud + 1;
    return {
      document: { name: `fog-${values.sites}-sites`, seed, nodes, links },
      comments: [
        `${devices} nodes in three tiers. Sites: ${values.sites}; at each site generators: ${values.generators}, ` +
          `edge workers: ${values.edge}, fog workers: ${values.fog}. Cloud workers: ${values.cloud}, and the coordinator.`,
        `Each site shares one uplink of ${values["uplink-rate"]}.`,
      ],
      warnings: [],
    };
  },
});

function impairment({ delay, jitter, rate: linkRate }: LinkClass, spread: number, random: Random) {
  // One draw per link even without spread, so that --spread changes figures and not who is where.
  const drawn = delay * (1 + spread * (2 * random.next() - 1));
  return {
    delay: milliseconds(drawn),
    ...(jitter > 0 ? { jitter: milliseconds(jitter) } : {}),
    rate: linkRate,
  };
}
