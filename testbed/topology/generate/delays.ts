/** Puts a table of delays where the file can use it: inline as pair rules, or as a matrix file beside it. */
import { UserError } from "#testbed/user-error.ts";
import type { PairEntry, TopologyDocument } from "./document.ts";
import { milliseconds } from "./figures.ts";
import type { DelayTable } from "./generator.ts";

/** 60 nodes are 1770 rules already: more than that, nobody reads. */
const inlineNodesMost = 60;

/** Symmetric pairs become one rule with `both: true`. */
export function withPairRules(document: TopologyDocument, delays: DelayTable): TopologyDocument {
  if (delays.nodes.length > inlineNodesMost) {
    const what = `${delays.nodes.length} nodes would need a rule for each of ${delays.nodes.length ** 2} pairs`;
    throw new UserError(
      "too-many-pairs",
      what,
      "write a matrix beside the topology with --out FILE, or take fewer nodes",
      2,
    );
  }
  const pairs: PairEntry[] = [];
  for (const [row, from] of delays.nodes.entries()) {
    for (const [column, to] of delays.nodes.entries()) {
      const there = delays.rttMs[row]![column]!;
      const back = delays.rttMs[column]![row]!;
      if (column === row || there === null || (column < row && there === back)) continue;
      const both = there === back ? ({ both: true } as const) : {};
      pairs.push({ from, to, ...both, delay: milliseconds(there / 2) });
    }
  }
  return {
    ...document,
    network: { ...document.network, pairs: [...pairs, ...(document.network?.pairs ?? [])] },
  };
}

export function withMatrixFile(document: TopologyDocument, file: string): TopologyDocument {
  const matrix = { file, holds: "rtt", unit: "ms" } as const;
  return { ...document, network: { matrix, ...document.network } };
}

/** A head with the names, then one row a line, tabs between: other tools read it, and `nodes` need not repeat it. */
export function matrixText(delays: DelayTable): string {
  const cell = (value: number | null): string => (value === null ? "nan" : String(Number(value.toFixed(3))));
  const rows = [delays.nodes, ...delays.rttMs.map((row) => row.map(cell))];
  return `${rows.map((row) => row.join("\t")).join("\n")}\n`;
}
