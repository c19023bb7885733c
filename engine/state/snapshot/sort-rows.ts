/** Rows in the order of a snapshot: by key group, then by key. It is the same for the same contents, whatever came before. */
import { ByteRows } from "../byte-arena.ts";
import type { Rows } from "../row-columns.ts";

/** Row numbers by key group; those of one group still in any order. */
export function rowsByKeyGroup({ rowCount, keyGroups }: Rows): {
  order: Uint32Array;
  /** Ascending, and for each where its rows begin in `order`. */
  groups: { keyGroup: number; from: number; to: number }[];
} {
  let most = 0;
  for (let row = 0; row < rowCount; row++) if (keyGroups[row]! > most) most = keyGroups[row]!;
  const ends = new Uint32Array(most + 2);
  for (let row = 0; row < rowCount; row++) ends[keyGroups[row]! + 1]! += 1;
  for (let group = 0; group <= most; group++) ends[group + 1]! += ends[group]!;
  const order = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) order[ends[keyGroups[row]!]!++] = row;
  const groups = [];
  for (let keyGroup = 0, from = 0; keyGroup <= most; keyGroup++) {
    const to = ends[keyGroup]!;
    if (to > from) groups.push({ keyGroup, from, to });
    from = to;
  }
  return { order, groups };
}

/** Sorts row numbers in place by ascending key; byte strings as unsigned bytes, a shorter one before its continuations. */
export function sortByKey({ keys }: Rows, order: Uint32Array): void {
  if (!(keys instanceof ByteRows)) {
    order.sort((one, other) => keys[one]! - keys[other]!);
    return;
  }
  const { bytes, starts, lengths } = keys;
  order.sort((one, other) => {
    const from = starts[one]!;
    const shift = starts[other]! - from;
    const end = from + Math.min(lengths[one]!, lengths[other]!);
    for (let at = from; at < end; at++) {
      if (bytes[at] !== bytes[at + shift]) return bytes[at]! - bytes[at + shift]!;
    }
    return lengths[one]! - lengths[other]!;
  });
}
