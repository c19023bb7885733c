/** Short names for what a sweep sets, fit for files: `to-dsp6-10-25ms-10ms`, `policy-flink`. */
import { createHash } from "node:crypto";
import { basename, extname } from "node:path";
import type { Tree } from "#testbed/topology/yaml-tree.ts";
import { childOf } from "./tree-edit.ts";

/** Two axes of this length, the repeat and a file's ending are far below the 255 bytes that a name may have. */
const longest = 60;
/** What names itself by its value alone; other properties of links come with their names. */
const plainProperties = new Set(["delay", "jitter"]);

/** What an entry of an axis calls itself, or what its value comes to. */
export function slugOf(axis: readonly string[], entry: Tree): string {
  const named = childOf(entry, "name");
  if (named?.kind === "text") return named.text;
  const key = axis.at(-1) ?? "";
  if (axis.length === 1 && key === "network") return shortened(networkSlug(entry));
  // Of a kind with its settings the kind says enough; a host has no business in a folder's name.
  if (axis.length === 1 && key === "nodes") return shortened(valueSlug(childOf(entry, "kind") ?? entry));
  return shortened(`${fileSafe(key)}-${valueSlug(entry)}`);
}

/** What is neither a letter nor a digit, `-`, `_` or a dot within, becomes a dash. */
export function fileSafe(text: string): string {
  return text
    .replaceAll("%", "pct")
    .replaceAll("*", "all")
    .replaceAll(/[[\]]/g, "")
    .replaceAll(/\/s\b/g, "")
    .replaceAll(/[^\w.-]+/g, "-")
    .replaceAll(/-{2,}/g, "-")
    .replaceAll(/^[-.]+|[-.]+$/g, "");
}

function networkSlug(tree: Tree): string {
  if (tree.kind === "list") return tree.items.map(networkSlug).join("-and-") || "none";
  if (tree.kind !== "mapping") return valueSlug(tree);
  return tree.entries
    .map(({ key, value }) => (plainProperties.has(key) ? valueSlug(value) : `${key}-${valueSlug(value)}`))
    .join("-");
}

function valueSlug(tree: Tree): string {
  switch (tree.kind) {
    case "text":
      return fileSafe(/\.(ya?ml|ts)$/.test(tree.text) ? basename(tree.text, extname(tree.text)) : tree.text);
    case "nothing":
      return "none";
    case "list":
      return tree.items.map(valueSlug).join("-");
    case "mapping":
      return tree.entries.map(({ key, value }) => `${fileSafe(key)}-${valueSlug(value)}`).join("-");
  }
}

function shortened(slug: string): string {
  const safe = fileSafe(slug);
  if (safe.length <= longest) return safe;
  const digest = createHash("sha256").update(slug).digest("hex").slice(0, 6);
  return `${safe.slice(0, longest - 7)}-${digest}`;
}
