/** The matrix section: which node each row of the table stands for, and its delays as one-way milliseconds. */
import { closestName } from "./close-names.ts";
import { type DelayTable, readDelayTable } from "./delay-matrix.ts";
import { unitsMs } from "./delay-trace.ts";
import type { Findings } from "./findings.ts";
import type { NodeNames } from "./node-names.ts";
import type { TopologyFile } from "./schema.ts";
import type { SideFiles } from "./side-files.ts";
import type { DelayMatrix } from "./topology.ts";
import { quote } from "./topology-error.ts";
import type { Path } from "./yaml-tree.ts";

type FileMatrix = NonNullable<NonNullable<TopologyFile["network"]>["matrix"]>;

const longestDelayMs = 3_600_000;

export function readMatrix(
  file: FileMatrix,
  path: Path,
  names: NodeNames,
  findings: Findings,
  sides: SideFiles,
): DelayMatrix | undefined {
  const table = sides.read(file.file, [...path, "file"], "matrix", "", findings, readDelayTable);
  const chosen = file.nodes === undefined ? undefined : names.match(file.nodes, [...path, "nodes"]);
  if (!table) return undefined;
  const nodes = chosen ?? namedNodes(file, table, path, names, findings);
  if (!nodes || nodes.length === 0) return undefined;
  if (nodes.length > table.values.length) {
    const what = `nodes: ${nodes.length} nodes for a table of ${table.values.length} rows`;
    const fix = `choose at most ${table.values.length} nodes, or a larger table than ${quote(file.file)}`;
    findings.refuse([...path, "nodes"], "out-of-range", what, fix);
    return undefined;
  }
  const factor = unitsMs[file.unit] * (file.holds === "rtt" ? 0.5 : 1) * (file.scale ?? 1);
  const oneWayMs = nodes.map((_, from) =>
    nodes.map((_, to) => scaled(table.values[from]?.[to] ?? null, factor)),
  );
  const longest = oneWayMs.flat().reduce<number>((most, delay) => Math.max(most, delay ?? 0), 0);
  if (longest > longestDelayMs) {
    const what = `unit: the table's longest delay would be ${Math.round(longest / 1000)}s one-way`;
    findings.refuse([...path, "unit"], "out-of-range", what, "delays are at most 1h: is the unit right?");
    return undefined;
  }
  return { nodes, oneWayMs };
}

/** Without `nodes` the table itself must name nodes. */
function namedNodes(
  file: FileMatrix,
  table: DelayTable,
  path: Path,
  names: NodeNames,
  findings: Findings,
): readonly string[] | undefined {
  if (!table.names) {
    const what = `matrix: the table ${quote(file.file)} names no nodes`;
    findings.refuse(
      path,
      "missing-key",
      what,
      'add nodes: "dsp[1-10]" for its rows in order, or a header to the table',
    );
    return undefined;
  }
  const unknown = table.names.find((name) => !names.ends.has(name));
  if (unknown === undefined) return table.names;
  const close = closestName(unknown, names.ends);
  const fix = `${close ? `did you mean ${close}? Or ` : ""}add nodes: "dsp[1-10]" to say which nodes the rows stand for`;
  findings.refuse(
    [...path, "file"],
    "matches-nothing",
    `file: the table names ${quote(unknown)}, which no node is called`,
    fix,
  );
  return undefined;
}

/** To the nanosecond: halves and scales of measured values would otherwise trail digits that mean nothing. */
function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : Math.round(value * factor * 1e6) / 1e6;
}
