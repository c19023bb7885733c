/**
 * What lies on top of a topology's conditions right now: a stack, so that two impairments of one pair both act where
 * they speak of different things, the later wins where they speak of the same, and the end of either brings back
 * what is below it.
 */
import type { PairRule } from "#testbed/network/conditions.ts";

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
    const healed = this.list().filter((each) => each.isolates === node);
    for (const { name } of healed) this.#stack.delete(name);
    return healed.map(({ name }) => name);
  }

  clear(): void {
    this.#stack.clear();
  }

  list(): Impairment[] {
    return [...this.#stack.values()];
  }

  rules(): PairRule[] {
    return this.list().flatMap(({ rules }) => [...rules]);
  }
}
