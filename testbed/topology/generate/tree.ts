/** A tree of switches with nodes as its leaves: far leaves share the links near the root. */
import type { LinkEntry } from "./document.ts";
import { milliseconds } from "./figures.ts";
import { generator } from "./generator.ts";
import { badOption, count, duration, optionalRate, textWithDefault } from "./options.ts";

const leavesMost = 2000;

export const tree = generator({
  name: "tree",
  summary: "a tree of switches with nodes as its leaves",
  usage: "",
  example: "./brume generate tree --depth 2 --fan-out 4 --delay 2ms --rate 1Gbit/s",
  options: {
    depth: count("links from the root to a leaf", "2", 1, 10),
    "fan-out": count("children of each switch", "3", 1, 100),
    delay: duration("one-way delay of each link", "2ms"),
    rate: optionalRate("rate of each link, each way (default: unlimited)"),
    device: textWithDefault("CLASS", "device class of the nodes", "none"),
  },
  make({ depth, "fan-out": fanOut, delay, rate, device }) {
    const leaves = fanOut ** depth;
    if (leaves > leavesMost) {
      const what = `with --depth ${depth} that is ${leaves} leaves, more than ${leavesMost}`;
      throw badOption("fan-out", String(fanOut), what, "a smaller depth or fan-out");
    }
    const impairment = { delay: milliseconds(delay), ...(rate ? { rate } : {}) };
    const links: LinkEntry[] = [];
    let switches = 1;
    let level = ["sw1"];
    for (let height = depth; height > 0; height--) {
      const below: string[] = [];
      for (const parent of level) {
        for (let child = 0; child < fanOut; child++) {
          const name = height === 1 ? `leaf${below.length + 1}` : `sw${++switches}`;
          links.push({ endpoints: [parent, name], ...impairment });
          below.push(name);
        }
      }
      level = below;
    }
    return {
      document: {
        name: `tree-${depth}-${fanOut}`,
        defaults: { device },
        nodes: {
          [switches === 1 ? "sw1" : `sw[1-${switches}]`]: { role: "switch" },
          [leaves === 1 ? "leaf1" : `leaf[1-${leaves}]`]: { role: "worker" },
        },
        links,
      },
      comments: [
        `A tree of depth ${depth} and fan-out ${fanOut}: ${leaves} leaves under ${switches} switches, ` +
          `at most ${milliseconds(2 * depth * delay)} apart, one-way.`,
      ],
      warnings: [],
    };
  },
});
