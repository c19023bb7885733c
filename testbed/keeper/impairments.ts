/**
 * What lies on top of a topology's conditions right now: a stack, so that two impairments of one pair both act where
 * they speak of different things, the later wins where they speak of the same, and the end of either brings back
 * what is below it.
 */
import type { PairRule } from "#testbed/network/conditions.ts";

/** `isolates` cuts a node from whoever else is in the lab at the time, also from nodes that come later. */
export type Impairment = { name: string; rules: readonly PairRule[]; isolates?: string };

export class Impairments {
  readonly #stack = new Map<string, Impairment>();

  impose(impairment: Impairment): void {
    this.#stack.delete(impairment.name); // Imposed anew, it comes on top.
    this.#stack.set(impairment.name, impairment);
  }

  /** False: it was not in force. */
  lift(name: string): boolean {
    return this.#stack.delete(name);
  }

  heal(node: string): string[] {
    return this.liftAll((each) => each.isolates === node);
  }

  liftAll(which: (impairment: Impairment) => boolean = () => true): string[] {
    const names = [...this.#stack.values()].filter(which).map(({ name }) => name);
    for (const name of names) this.#stack.delete(name);
    return names;
  }

  /** From the lowest to the topmost, with the rules that each of them is among these nodes. */
  list(nodes: readonly string[]): Impairment[] {
    const known = new Set(nodes);
    return [...this.#stack.values()].map((each) => ({ ...each, rules: rulesAmong(each, nodes, known) }));
  }

  rules(nodes: readonly string[]): PairRule[] {
    return this.list(nodes).flatMap(({ rules }) => [...rules]);
  }
}

/** A node that left the lab since is left out: its impairment must not keep the others from changing. */
function rulesAmong(
  { rules, isolates }: Impairment,
  nodes: readonly string[],
  known: ReadonlySet<string>,
): PairRule[] {
  const all = isolates === undefined ? rules : [...rules, ...isolation(isolates, nodes)];
  return all
    .map(({ from, to, change }) => ({
      from: from.filter((name) => known.has(name)),
      to: to.filter((name) => known.has(name)),
      change,
    }))
    .filter(({ from, to }) => from.length > 0 && to.length > 0);
}

/** Both directions between the node and everyone else. */
function isolation(node: string, nodes: readonly string[]): PairRule[] {
  const others = nodes.filter((other) => other !== node);
  return [
    { from: [node], to: others, change: { cut: true } },
    { from: others, to: [node], change: { cut: true } },
  ];
}
