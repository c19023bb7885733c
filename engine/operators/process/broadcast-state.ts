/**
 * Maps that every subtask has alike, since all get the same broadcast rows. Each subtask saves its own copy, and takes
 * over one whole copy at a restore: that of the subtask of its own number, modulo how many there were.
 */
import type { OperatorContext } from "../operator.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type BroadcastMaps<Names extends string = string> = { readonly [Name in Names]: Map<string, Json> };

type Copy = { subtask: number; parallelism: number; maps: Record<string, [string, Json][]> };

export class BroadcastState {
  readonly maps: BroadcastMaps;
  readonly #context: OperatorContext;

  constructor(names: readonly string[], context: OperatorContext) {
    this.#context = context;
    const copies = this.#list.entries.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Copy);
    const [first] = copies;
    const own = first && copies.find(({ subtask }) => subtask === context.subtask % first.parallelism);
    this.maps = Object.fromEntries(names.map((name) => [name, new Map(own?.maps[name])]));
  }

  save(): void {
    const { subtask, parallelism } = this.#context;
    const maps = Object.fromEntries(Object.entries(this.maps).map(([name, map]) => [name, [...map]]));
    const copy: Copy = { subtask, parallelism, maps };
    this.#list.replace([new TextEncoder().encode(JSON.stringify(copy))]);
  }

  get #list() {
    return this.#context.state.list("(broadcast)", "union");
  }
}
