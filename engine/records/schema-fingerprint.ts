/** A number that tells schemas apart: names, types and order of columns. Guards against decoding one as another. */
import type { Schema } from "./schema.ts";

const known = new WeakMap<Schema, number>();

export function fingerprintOf(schema: Schema): number {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const text = schema.columns
    .map(({ name, type, nullable }) => `${name}:${type}${nullable ? "?" : ""}`)
    .join();
  // FNV-1a, 32 bits.
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  known.set(schema, hash >>> 0);
  return hash >>> 0;
}
