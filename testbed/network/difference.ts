/** Which pairs feel something else after a change: what a fabric has to update while packets fly. */
import type { Conditions, Network, Segment } from "./conditions.ts";

/**
 * Indexes (`from * after.nodes.length + to`) of the pairs in `after` whose conditions or shared rates differ.
 * A node is known by its name at its number: every pair of a node that is new there counts as changed.
 */
export function changedPairs(before: Network, after: Network): number[] {
  const sameConditions = equality(before.conditions, after.conditions, equalConditions);
  const samePath = equality(before.paths, after.paths, (old, now) => equalSegments(old, before, now, after));
  const stayed = after.nodes.map((name, node) => before.nodes[node] === name);
  const sameLink = (links: "up" | "down", node: number) =>
    stayed[node] === true && equalSegments([before[links][node]!], before, [after[links][node]!], after);
  const sameUp = after.nodes.map((_, node) => sameLink("up", node));
  const sameDown = after.nodes.map((_, node) => sameLink("down", node));
  const changed: number[] = [];
  for (const from of after.nodes.keys()) {
    for (const to of after.nodes.keys()) {
      if (from === to) continue;
      const [old, now] = [from * before.nodes.length + to, from * after.nodes.length + to];
      const same =
        sameUp[from] &&
        sameDown[to] &&
        sameConditions(before.pairs[old]!, after.pairs[now]!) &&
        samePath(before.pairPaths[old]!, after.pairPaths[now]!);
      if (!same) changed.push(now);
    }
  }
  return changed;
}

/**
 * Compares entries of two lists of distinct things, remembering for each entry its equal: there is at most
 * one, so each is looked for once however many pairs share it.
 */
function equality<T>(before: readonly T[], after: readonly T[], equal: (old: T, now: T) => boolean) {
  const twins = new Int32Array(before.length).fill(-1);
  return (old: number, now: number): boolean => {
    if (twins[old]! >= 0) return twins[old] === now;
    if (!equal(before[old]!, after[now]!)) return false;
    twins[old] = now;
    return true;
  };
}

function equalConditions(a: Conditions, b: Conditions): boolean {
  return a === b || (a.delayMs === b.delayMs && equalData(a, b));
}

function equalSegments(
  old: readonly number[],
  before: Network,
  now: readonly number[],
  after: Network,
): boolean {
  return (
    old.length === now.length &&
    old.every((number, index) => equalSegment(before.segments[number], after.segments[now[index]!]))
  );
}

function equalSegment(a: Segment | undefined, b: Segment | undefined): boolean {
  return a === b || equalData(a, b);
}

/** Plain data, whatever the order of its keys. */
function equalData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) =>
    equalData((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}
