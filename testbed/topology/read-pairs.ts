/** Pair rules and access links: patterns become names, "both" becomes the rules of the way back. */
import type { ConditionChange, PairRule } from "#testbed/network/conditions.ts";
import type { Findings } from "./findings.ts";
import type { NodeNames } from "./node-names.ts";
import { hasConditions, readConditions, readQueue } from "./read-conditions.ts";
import type { TopologyFile } from "./schema.ts";
import { conditionKeys } from "./schema-conditions.ts";
import type { SideFiles } from "./side-files.ts";
import type { Access } from "./topology.ts";
import type { Path } from "./yaml-tree.ts";

type FileNetwork = NonNullable<TopologyFile["network"]>;
type FileRule = NonNullable<FileNetwork["pairs"]>[number];
type FileAccess = NonNullable<FileNetwork["access"]>[string];
export type FromTo = Pick<FileRule, "from" | "to" | "both">;

export function readPairRule(
  file: FileRule,
  path: Path,
  names: NodeNames,
  findings: Findings,
  sides: SideFiles,
): PairRule[] {
  if (!hasConditions(file)) {
    const keys = Object.keys(conditionKeys).join(", ");
    findings.refuse(path, "no-sense", "this rule asks for nothing", `add at least one of: ${keys}`);
  }
  return rulesOf(file, readConditions(file, path, findings, sides), path, names, findings);
}

/** One rule, or the two or three that also hold for the way back. */
export function rulesOf(
  file: FromTo,
  change: ConditionChange,
  path: Path,
  names: NodeNames,
  findings: Findings,
): PairRule[] {
  const from = names.match(file.from, [...path, "from"]);
  const to = names.match(file.to, [...path, "to"]);
  if (from.length === 0 || to.length === 0) return [];
  if (from.length === 1 && to.length === 1 && from[0] === to[0]) {
    const what = `from and to are the same single node, ${from[0]}`;
    findings.refuse(path, "matches-nothing", what, "name two nodes: a node's way to itself is not emulated");
  }
  return [{ from, to, change }, ...(file.both ? wayBack(from, to, change) : [])];
}

/** The reverse pairs that the rule itself does not hold already, or "+30ms" would be added to them twice. */
function wayBack(from: readonly string[], to: readonly string[], change: ConditionChange): PairRule[] {
  const [senders, receivers] = [new Set(from), new Set(to)];
  const onlyTo = to.filter((name) => !senders.has(name));
  const onlyFrom = from.filter((name) => !receivers.has(name));
  const common = to.filter((name) => senders.has(name));
  const rules: PairRule[] = [
    { from: onlyTo, to: from, change },
    { from: common, to: onlyFrom, change },
  ];
  return rules.filter((rule) => rule.from.length > 0 && rule.to.length > 0);
}

export function readAccess(file: FileNetwork["access"], names: NodeNames, findings: Findings): Access[] {
  if (!file) return [];
  const perNode = new Map<string, Access>();
  for (const [pattern, written] of inWrittenOrder(file, findings)) {
    const path = ["network", "access", pattern];
    const nodes = names.matchOne(pattern, path, true);
    const rates = readRates(written, path, findings);
    // Later patterns win per property, as rules for pairs do.
    for (const node of nodes) perNode.set(node, { ...perNode.get(node), ...rates, node });
  }
  return [...perNode.values()];
}

function inWrittenOrder(
  file: Readonly<Record<string, FileAccess>>,
  findings: Findings,
): [string, FileAccess][] {
  return findings.keys(["network", "access"]).map((pattern) => [pattern, file[pattern]!]);
}

function readRates(file: FileAccess, path: Path, findings: Findings): Omit<Access, "node"> {
  if (typeof file === "number") return { upBitsPerSecond: file, downBitsPerSecond: file };
  const { up, down, queue } = file;
  if (up === undefined && down === undefined) {
    findings.refuse(path, "missing-key", "an access link needs up, down or both", "add up: 100Mbit/s");
  }
  // A limit as a time means different sizes at different rates; one queue setting serves both directions.
  const rate = up !== undefined && down !== undefined && up !== down ? undefined : (up ?? down);
  return {
    ...(up === undefined ? {} : { upBitsPerSecond: up }),
    ...(down === undefined ? {} : { downBitsPerSecond: down }),
    ...(queue === undefined ? {} : { queue: readQueue(queue, rate, [...path, "queue"], findings) }),
  };
}
