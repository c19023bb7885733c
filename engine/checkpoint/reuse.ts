/** Where a subtask's unchanged segments lie already: what makes a checkpoint incremental. */
import type { FrozenTable } from "../state/frozen-state.ts";
import type { Location } from "./blob.ts";
import type { Part } from "./part.ts";

/**
 * A blob of which less than this is still referred to is not referred to any longer, but stored anew: else a store keeps
 * whole blobs for single segments. So at most 1 / 0.25 of the state's bytes lie in a subtask's blobs.
 */
const leastLiveShare = 0.25;

export type Stored = { readonly location: Location; readonly blob: string };

/** Hashes of a table's segments at its last encoding: with the same version it has them still. */
const encodings = new WeakMap<object, { version: number; hashes: ReadonlyMap<number, string> }>();

export class Reuse {
  readonly #stored = new Map<string, Stored>();
  readonly #lengths = new Map<string, number>();

  constructor(previous: Part | undefined) {
    if (previous === undefined) return;
    const live = previous.blobs.map(() => 0);
    for (const { segments } of previous.operators)
      for (const [, , , blob, , length] of segments) live[blob]! += length;
    const sparse = previous.blobs.map(({ length }, at) => live[at]! < length * leastLiveShare);
    for (const { name, length } of previous.blobs) this.#lengths.set(name, length);
    for (const { operator, states, segments } of previous.operators) {
      for (const [state, keyGroup, slice, blob, offset, length, hash] of segments) {
        if (sparse[blob]) continue;
        this.#stored.set(nameOf(operator, states[state]!.name, slice, keyGroup), {
          location: { offset, length, hash },
          blob: previous.blobs[blob]!.name,
        });
      }
    }
  }

  find(operator: string, state: string, slice: number | null, keyGroup: number): Stored | undefined {
    return this.#stored.get(nameOf(operator, state, slice, keyGroup));
  }

  /** All segments of a table that nothing was written to since they were encoded, if all are stored. */
  untouched(
    operator: string,
    state: string,
    { identity, version, slice }: FrozenTable,
  ): ({ keyGroup: number } & Stored)[] | undefined {
    const encoding = encodings.get(identity);
    if (encoding === undefined || encoding.version !== version) return undefined;
    const found = [];
    for (const [keyGroup, hash] of encoding.hashes) {
      const stored = this.find(operator, state, slice, keyGroup);
      if (stored?.location.hash !== hash) return undefined;
      found.push({ keyGroup, ...stored });
    }
    return found;
  }

  remember({ identity, version }: FrozenTable, hashes: ReadonlyMap<number, string>): void {
    encodings.set(identity, { version, hashes });
  }

  lengthOf(blob: string): number {
    return this.#lengths.get(blob)!;
  }
}

const nameOf = (operator: string, state: string, slice: number | null, keyGroup: number): string =>
  JSON.stringify([operator, state, slice, keyGroup]);
