/** A star: leaves around one switch. Every leaf reaches every other over two links. */
import { milliseconds } from "./figures.ts";
import { generator } from "./generator.ts";
import { count, duration, optionalRate, textWithDefault } from "./options.ts";

export const star = generator({
  name: "star",
  summary: "N leaves around one switch",
  usage: "",
  example: "./brume generate star --leaves 10 --delay 5ms --rate 100Mbit/s",
  options: {
    leaves: count("leaves of the star", "10", 2, 1000),
    delay: duration("one-way delay of each link", "5ms"),
    rate: optionalRate("rate of each link, each way (default: unlimited)"),
    device: textWithDefault("CLASS", "device class of the nodes", "none"),
  },
  make({ leaves, delay, rate, device }) {
    const impairment = { delay: milliseconds(delay), ...(rate ? { rate } : {}) };
    return {
      document: {
        name: `star-${leaves}`,
        defaults: { device },
        nodes: { hub: { role: "switch" }, [`leaf[1-${leaves}]`]: { role: "worker" } },
        links: Array.from({ length: leaves }, (_, index) => ({
          endpoints: [`leaf${index + 1}`, "hub"] as const,
          ...impairment,
        })),
      },
      comments: [`A star of ${leaves} leaves; two leaves are ${milliseconds(2 * delay)} apart, one-way.`],
      warnings: [],
    };
  },
});
