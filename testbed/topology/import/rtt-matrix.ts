/** A topology from measured round trips: every host of the matrix, or a seeded sample of them. */

import { sample, seededRandom } from "#testbed/seeded-random.ts";
import { UserError } from "#testbed/user-error.ts";
import { readDelayTable } from "../delay-matrix.ts";
import { compactNames } from "../generate/compact-names.ts";
import { generator } from "../generate/generator.ts";
import { badOption, count, textWithDefault, word } from "../generate/options.ts";
import { uniqueNames } from "./node-names.ts";

const msPerUnit = { us: 0.001, ms: 1, s: 1000 } as const;

export const rttMatrix = generator({
  name: "from-matrix",
  summary: "nodes with the delays of a measured matrix (TSV or CSV)",
  usage: "FILE",
  example: "./brume generate from-matrix rtt.tsv --nodes 30 --seed 1 --out measured.yaml",
  options: {
    nodes: count("hosts to draw by the seed; 0 takes all", "0", 0, 100_000),
    holds: word("what a value is", "rtt", ["rtt", "one-way"]),
    unit: word("unit of the values", "ms", ["us", "ms", "s"]),
    device: textWithDefault("CLASS", "device class of the nodes", "none"),
  },
  make({ nodes, holds, unit, device }, { words, seed, readText }) {
    const [file, extra] = words;
    if (file === undefined || extra !== undefined) {
      throw new UserError("usage", "from-matrix takes one FILE", "./brume generate from-matrix rtt.tsv", 2);
    }
    const matrix = readDelayTable(readText(file), file);
    const size = matrix.values.length;
    if (nodes === 1 || nodes > size) {
      throw badOption("nodes", String(nodes), `${file} has ${size} hosts`, `from 2 to ${size}, or 0 for all`);
    }
    const hosts = matrix.values.map((_, index) => index);
    const chosen = nodes === 0 ? hosts : sample(hosts, nodes, seededRandom(seed));
    const toRttMs = msPerUnit[unit] * (holds === "rtt" ? 1 : 2);
    const named = uniqueNames(chosen.map((host, index) => matrix.names?.[host] ?? `h${index + 1}`));
    const patterns = compactNames(named.names);
    const rttMs = chosen.map((from) =>
      chosen.map((to) => {
        const value = from === to ? 0 : (matrix.values[from]![to] ?? null);
        return value === null ? null : value * toRttMs;
      }),
    );
    if (size < 2)
      throw new UserError("one-host", `${file} has one host, and so no pairs`, "a table of at least two", 2);
    const unknown = rttMs.flat().filter((value) => value === null).length;
    return {
      document: {
        name: `measured-${chosen.length}`,
        defaults: { device },
        nodes: Object.fromEntries(patterns.map((pattern) => [pattern, { role: "worker" }])),
      },
      delays: { nodes: named.names, rttMs },
      comments: [
        nodes === 0
          ? `All ${size} hosts of ${file}.`
          : `${nodes} of the ${size} hosts of ${file}, drawn with seed ${seed}:`,
        ...(nodes === 0 ? [] : [`rows ${compactNumbers(chosen)}.`]),
      ],
      warnings: [
        ...named.warnings,
        ...(unknown > 0 ? [`${unknown} ordered pairs have no value in ${file}; they get no delay`] : []),
      ],
    };
  },
});

/** Rows as people count them, from 1. */
const compactNumbers = (rows: readonly number[]): string => rows.map((row) => row + 1).join(", ");
