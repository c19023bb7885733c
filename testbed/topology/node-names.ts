/** The names that a file's nodes section declares, and how references to them are resolved. */
import type { Findings } from "./findings.ts";
import { matchPattern } from "./patterns.ts";
import type { NodeSpec } from "./topology.ts";
import { quote } from "./topology-error.ts";
import type { Path } from "./yaml-tree.ts";

export class NodeNames {
  /** Nodes that send and receive; switches are only points of links. */
  readonly ends: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
  /** As the file wrote them, for the remedy of a pattern that matches nothing. */
  readonly #declared: readonly string[];
  readonly #findings: Findings;
  readonly #known = new Map<string, readonly string[]>();

  constructor(nodes: readonly NodeSpec[], declared: readonly string[], findings: Findings) {
    this.all = new Set(nodes.map(({ name }) => name));
    this.ends = new Set(nodes.filter(({ role }) => role !== "switch").map(({ name }) => name));
    this.#declared = declared;
    this.#findings = findings;
  }

  /** The ends that one pattern or a list of them means; empty after a mistake was noted. */
  match(patterns: string | readonly string[] | undefined, path: Path): readonly string[] {
    if (patterns === undefined) return [...this.ends];
    if (typeof patterns === "string") return this.matchOne(patterns, path);
    if (patterns.length === 0)
      this.#findings.refuse(
        path,
        "matches-nothing",
        "the list of patterns is empty",
        'write "*" for every node',
      );
    if (patterns.length === 1) return this.matchOne(patterns[0]!, [...path, 0]);
    return [...new Set(patterns.flatMap((pattern, index) => [...this.matchOne(pattern, [...path, index])]))];
  }

  matchOne(pattern: string, path: Path, inKey = false): readonly string[] {
    const before = this.#known.get(pattern);
    if (before) return before;
    const reading = matchPattern(pattern, this.all, this.#declared);
    const found = inKey ? this.#findings.takeKey(path, reading) : this.#findings.take(path, reading);
    const ends = found?.filter((name) => this.ends.has(name)) ?? [];
    if (found && ends.length === 0) {
      const refuse = inKey ? this.#findings.refuseKey : this.#findings.refuse;
      const what = `pattern ${quote(pattern)} matches only switches`;
      refuse.call(
        this.#findings,
        path,
        "matches-nothing",
        what,
        "name nodes: switches are only points of links",
      );
    }
    if (ends.length > 0) this.#known.set(pattern, ends);
    return ends;
  }
}
