/**
 * YAML text to a tree in which every value and key knows its place. Scalars stay the text that was written
 * (no 1_000, 0x10 or "no" is turned into something else before its reader sees it), aliases are resolved.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
} from "yaml";
import { type Mistake, type Place, quote, TopologyError } from "./topology-error.ts";
import { yamlMistake } from "./yaml-mistake.ts";

export type Entry = { key: string; keyPlace: Place; value: Tree };
export type Tree = { place: Place } & (
  | { kind: "mapping"; entries: readonly Entry[] }
  | { kind: "list"; items: readonly Tree[] }
  | { kind: "text"; text: string }
  | { kind: "nothing" }
);
export type Path = readonly PropertyKey[];

/** What a file of some kind is called in messages, and what to read about it. */
export type FileKind = { readonly what: string; readonly example: string; readonly reference: string };

export const topologyKind: FileKind = {
  what: "topology",
  example: "topologies/smallest.yaml",
  reference: "docs/topology.md",
};

/** Deeper than any topology needs; stops recursion long before the stack does. */
const deepest = 24;
/** They say what is so anyway. Others (!!binary, !!timestamp, !!set) make values that are no text, so it would be lost. */
const plainTags: ReadonlySet<string> = new Set(
  ["str", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`),
);
/** Aliases of aliases can stand for more values than there are atoms; a topology has far fewer. */
const mostValues = 500_000;

export function readYaml(text: string, file: string, kind: FileKind = topologyKind): Tree {
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.max(0, Math.min(offset, text.length)));
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const documents = parse(text, lines, file, kind);
  const errors = documents.flatMap((document) => [...document.errors, ...document.warnings]);
  const first = errors.sort((a, b) => a.pos[0] - b.pos[0])[0];
  if (first) throw new TopologyError([yamlMistake(first, placeOf(first.pos[0]), text, kind.reference)]);
  const [document, second] = documents;
  if (second) {
    const place = placeOf(second.range[0]);
    throw refuse(
      place,
      "a second YAML document begins here",
      `keep one ${kind.what} in one file, without ---`,
    );
  }
  const contents = document?.contents;
  if (!contents || (isScalar(contents) && contents.value === "")) {
    throw refuse({ file, line: 1, column: 1 }, "the file is empty", `start from ${kind.example}`);
  }
  return new TreeBuilder(placeOf, kind).build(contents, 0).tree;
}

/** The value at a path, or the nearest one above it that exists. */
export function treeAt(tree: Tree, path: Path): Tree {
  let at = tree;
  for (const step of path) {
    const next = childAt(at, step);
    if (!next) return at;
    at = next;
  }
  return at;
}

/** Where the last key of the path is written; for a list item, where the item is. */
export function keyPlace(tree: Tree, path: Path): Place {
  const parent = treeAt(tree, path.slice(0, -1));
  const last = path.at(-1);
  const entry = parent.kind === "mapping" ? parent.entries.find(({ key }) => key === last) : undefined;
  return entry?.keyPlace ?? treeAt(tree, path).place;
}

/** The tree as plain mappings, lists, texts and nulls. */
export function plainValue(tree: Tree): unknown {
  switch (tree.kind) {
    case "mapping":
      return Object.fromEntries(tree.entries.map(({ key, value }) => [key, plainValue(value)]));
    case "list":
      return tree.items.map(plainValue);
    case "text":
      return tree.text;
    case "nothing":
      return null;
  }
}

function childAt(tree: Tree, step: PropertyKey): Tree | undefined {
  if (tree.kind === "mapping") return tree.entries.find(({ key }) => key === step)?.value;
  return tree.kind === "list" && typeof step === "number" ? tree.items[step] : undefined;
}

function parse(text: string, lines: LineCounter, file: string, kind: FileKind) {
  try {
    const options = {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      schema: "failsafe",
    } as const;
    const documents = parseAllDocuments(text, { ...options, logLevel: "silent" });
    return Array.isArray(documents) ? documents : [];
  } catch (cause) {
    // The YAML parser recurses: thousands of nested brackets end its stack, not ours.
    const what = `not readable as YAML (${cause instanceof Error ? cause.message : String(cause)})`;
    throw refuse(
      { file, line: 1, column: 1 },
      what,
      `see ${kind.reference} for what a ${kind.what} file holds`,
    );
  }
}

type Built = { tree: Tree; values: number };

class TreeBuilder {
  readonly #placeOf: (offset: number) => Place;
  readonly #kind: FileKind;
  readonly #anchors = new Map<string, Built | "open">();

  constructor(placeOf: (offset: number) => Place, kind: FileKind) {
    this.#placeOf = placeOf;
    this.#kind = kind;
  }

  build(node: Node | ParsedNode | null, depth: number): Built {
    const place = this.#placeOf(node?.range?.[0] ?? 0);
    if (depth > deepest)
      throw refuse(place, "values are nested too deeply", `see ${this.#kind.reference} for the format`);
    if (isAlias(node)) return this.#alias(node.source, place);
    if (node?.tag && !plainTags.has(node.tag)) {
      const tag = node.tag.replace("tag:yaml.org,2002:", "!!");
      throw refuse(place, `YAML tags such as ${tag} are not used here`, "remove the tag");
    }
    const anchor = node && "anchor" in node ? node.anchor : undefined;
    if (anchor) this.#anchors.set(anchor, "open");
    const built = this.#plain(node, place, depth);
    if (built.values > mostValues) {
      throw refuse(
        place,
        `more than ${mostValues} values`,
        `make the ${this.#kind.what} smaller, or use fewer aliases`,
      );
    }
    if (anchor) this.#anchors.set(anchor, built);
    return built;
  }

  #plain(node: Node | null, place: Place, depth: number): Built {
    if (isMap(node)) return this.#mapping(node.items as PairNode[], place, depth);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.build(item as Node, depth + 1));
      return { tree: { place, kind: "list", items: items.map(({ tree }) => tree) }, values: sum(items) };
    }
    const text = isScalar(node) && typeof node.value === "string" ? node.value : "";
    const nothing = text === "" && (!isScalar(node) || node.type === "PLAIN");
    return { tree: nothing || !node ? { place, kind: "nothing" } : { place, kind: "text", text }, values: 1 };
  }

  #mapping(pairs: readonly PairNode[], place: Place, depth: number): Built {
    const seen = new Map<string, Place>();
    const entries: Entry[] = [];
    const built: Built[] = [];
    for (const { key: keyNode, value: valueNode } of pairs) {
      const at = this.#placeOf(keyNode?.range?.[0] ?? 0);
      const key = this.#key(keyNode, at, depth);
      const before = seen.get(key);
      if (before) {
        const what = `${quote(key)} stands twice in one mapping, first at line ${before.line}`;
        throw new TopologyError([{ fault: "duplicate", place: at, what, fix: "keep one of the two" }]);
      }
      seen.set(key, at);
      const value = valueNode ? this.build(valueNode, depth + 1) : undefined;
      if (value) built.push(value);
      entries.push({ key, keyPlace: at, value: value?.tree ?? { place: at, kind: "nothing" } });
    }
    return { tree: { place, kind: "mapping", entries }, values: sum(built) };
  }

  #key(node: Node | null, place: Place, depth: number): string {
    const { tree } = this.build(node, depth + 1);
    const key = tree.kind === "text" ? tree.text : "";
    if (key === "") throw refuse(place, "a key is missing before the colon", 'write "key: value"');
    // Objects would take it for their prototype, so it could not be told from absent.
    if (key === "__proto__") throw refuse(place, `${quote(key)} cannot be a key`, "remove it");
    return key;
  }

  #alias(name: string, place: Place): Built {
    const anchored = this.#anchors.get(name);
    if (anchored === "open") {
      throw refuse(place, `alias *${name} stands inside what it names`, "write the value out");
    }
    if (anchored) return anchored;
    const fix = `a pattern that begins with * needs quotes, as in "*${name}"; an alias needs &${name} above it`;
    throw refuse(place, `alias *${name} names nothing`, fix);
  }
}

type PairNode = { key: Node | null; value: Node | null };

function sum(built: readonly Built[]): number {
  return built.reduce((total, { values }) => total + values, 1);
}

function refuse(place: Place, what: string, fix: string): TopologyError {
  const mistake: Mistake = { fault: "not-yaml", place, what, fix };
  return new TopologyError([mistake]);
}
