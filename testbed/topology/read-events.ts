/** The timeline: conditions for a while on some pairs, or something that befalls nodes. */

import type { Findings } from "./findings.ts";
import type { NodeNames } from "./node-names.ts";
import { hasConditions, readConditions } from "./read-conditions.ts";
import { rulesOf } from "./read-pairs.ts";
import type { TopologyFile } from "./schema.ts";
import { conditionKeys } from "./schema-conditions.ts";
import type { SideFiles } from "./side-files.ts";
import { defaultEveryMs, type NodeAction, type TimelineEvent } from "./topology.ts";
import type { Path } from "./yaml-tree.ts";

type FileEvent = NonNullable<TopologyFile["events"]>[number];

/** These end something, at once: they cannot last. */
export const instantActions: readonly NodeAction[] = ["restart", "resume", "heal"];
/** The keeper holds every moment of the timeline in its memory, some 300 bytes each: a week of one node each 6 s. */
const mostRounds = 100_000;
const periodic: readonly NodeAction[] = ["flap", "churn"];

export function readEvent(
  file: FileEvent,
  path: Path,
  names: NodeNames,
  findings: Findings,
  sides: SideFiles,
): TimelineEvent[] {
  if (file.pairs && !refusedBeside(file, "pairs", ["node", "nodes", "do", "every"], path, findings)) {
    return pairsEvent(file, file.pairs, path, names, findings, sides);
  }
  if (file.pairs) return [];
  if (file.node !== undefined || file.nodes !== undefined || file.do) {
    return nodesEvent(file, path, names, findings);
  }
  const fix = 'add pairs: { to: "dsp7" } with delay, loss, ..., or node: dsp3 with do: crash';
  findings.refuse(path, "missing-key", "an event needs pairs or a node", fix);
  return [];
}

function pairsEvent(
  file: FileEvent,
  pairs: NonNullable<FileEvent["pairs"]>,
  path: Path,
  names: NodeNames,
  findings: Findings,
  sides: SideFiles,
): TimelineEvent[] {
  if (!hasConditions(file)) {
    const keys = Object.keys(conditionKeys).join(", ");
    findings.refuse(path, "no-sense", "this event changes nothing", `add at least one of: ${keys}`);
  }
  const change = readConditions(file, path, findings, sides);
  const time = { atMs: file.at, ...(file.for === undefined ? {} : { forMs: file.for }) };
  return rulesOf(pairs, change, [...path, "pairs"], names, findings).map((rule) => ({
    ...time,
    pairs: rule,
  }));
}

function nodesEvent(file: FileEvent, path: Path, names: NodeNames, findings: Findings): TimelineEvent[] {
  const { node, nodes: several, do: action } = file;
  const patterns = node ?? several;
  if (!action) {
    findings.refuse(
      path,
      "missing-key",
      "the event does nothing to its nodes",
      "add do: crash, pause, partition, ...",
    );
    return [];
  }
  if (patterns === undefined) {
    findings.refuse(path, "missing-key", `do: ${action} needs a node`, "add node: dsp3");
    return [];
  }
  if (node !== undefined && refusedBeside(file, "node", ["nodes"], path, findings)) return [];
  if (refusedBeside(file, "do", Object.keys(conditionKeys) as (keyof FileEvent)[], path, findings)) return [];
  const matched = names.match(patterns, [...path, node === undefined ? "nodes" : "node"]);
  checkTimes(file, action, matched.length, path, findings);
  const { at, for: lasts, every } = file;
  const times = {
    ...(lasts === undefined ? {} : { forMs: lasts }),
    ...(every === undefined ? {} : { everyMs: every }),
  };
  return matched.length === 0 ? [] : [{ atMs: at, nodes: matched, do: action, ...times }];
}

function checkTimes(
  file: FileEvent,
  action: NodeAction,
  nodes: number,
  path: Path,
  findings: Findings,
): void {
  if (file.for !== undefined && instantActions.includes(action)) {
    const what = `for: ${action} is over at once`;
    findings.refuseKey([...path, "for"], "conflicting-keys", what, "remove for");
  }
  if (file.every !== undefined && !periodic.includes(action)) {
    const what = `every: ${action} happens once`;
    findings.refuseKey(
      [...path, "every"],
      "conflicting-keys",
      what,
      `remove every, or do: ${periodic.join(" or ")}`,
    );
  }
  if (file.every !== undefined && file.for !== undefined && file.for < file.every) {
    const what = "for: it ends before its first period";
    findings.refuse([...path, "for"], "no-sense", what, "make for at least as long as every");
  }
  const atOnce = action === "flap" ? nodes : 1; // Nodes that churn take turns.
  const rounds = ((file.for ?? 0) / (file.every ?? defaultEveryMs)) * atOnce;
  if (periodic.includes(action) && rounds > mostRounds) {
    const what = `for: ${action} would be ${mostRounds} rounds and more`;
    findings.refuse([...path, "for"], "out-of-range", what, "make it shorter, or every longer");
  }
}

/** Whether any of the keys stands beside the one that excludes it; the first that does is noted. */
function refusedBeside(
  file: FileEvent,
  key: string,
  excluded: readonly (keyof FileEvent)[],
  path: Path,
  findings: Findings,
): boolean {
  const present = excluded.find((other) => file[other] !== undefined);
  if (!present) return false;
  const what = `${present}: does not go with ${key} in one event`;
  findings.refuseKey([...path, present], "conflicting-keys", what, "write two events");
  return true;
}
