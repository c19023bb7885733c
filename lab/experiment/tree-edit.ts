/** Laying values over a file's tree, each keeping the place that it was written at. What is not touched is the same object. */
import type { Place } from "#testbed/topology/topology-error.ts";
import type { Entry, Tree } from "#testbed/topology/yaml-tree.ts";

/** `value` at `path`, with mappings made where there are none; `keyPlace` is where a key that was not there counts as written. */
export function layOver(tree: Tree, path: readonly string[], value: Tree, keyPlace: Place): Tree {
  const [key, ...rest] = path;
  if (key === undefined) return merged(tree, value);
  const entries = tree.kind === "mapping" ? tree.entries : [];
  const before = entries.find((entry) => entry.key === key);
  const below: Tree = before?.value ?? { place: value.place, kind: "nothing" };
  const entry: Entry = { key, keyPlace, value: layOver(below, rest, value, keyPlace) };
  return {
    place: tree.kind === "mapping" ? tree.place : value.place,
    kind: "mapping",
    entries: withEntry(entries, entry),
  };
}

/** A mapping goes over another one key by key; anything else takes its place. */
function merged(below: Tree, above: Tree): Tree {
  if (below.kind !== "mapping" || above.kind !== "mapping") return above;
  const entries = above.entries.reduce<readonly Entry[]>((all, entry) => {
    const before = all.find(({ key }) => key === entry.key);
    return withEntry(all, before ? { ...entry, value: merged(before.value, entry.value) } : entry);
  }, below.entries);
  return { place: below.place, kind: "mapping", entries };
}

function withEntry(entries: readonly Entry[], entry: Entry): readonly Entry[] {
  const at = entries.findIndex(({ key }) => key === entry.key);
  return at < 0 ? [...entries, entry] : entries.with(at, entry);
}

export function childOf(tree: Tree | undefined, key: string): Tree | undefined {
  return tree?.kind === "mapping" ? tree.entries.find((entry) => entry.key === key)?.value : undefined;
}

export function without(tree: Tree, key: string): Tree {
  if (tree.kind !== "mapping") return tree;
  return { ...tree, entries: tree.entries.filter((entry) => entry.key !== key) };
}
