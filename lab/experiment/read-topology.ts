/**
 * The topology of a condition: its file or what the experiment says itself, with the condition's rules for its pairs and
 * what it says of all nodes.
 */
import { dirname, isAbsolute, join } from "node:path";
import type { Findings } from "#testbed/topology/findings.ts";
import { topologyOfTree } from "#testbed/topology/load.ts";
import type { Topology } from "#testbed/topology/topology.ts";
import { MistakesError, quote } from "#testbed/topology/topology-error.ts";
import { keyPlace, readYaml, type Tree } from "#testbed/topology/yaml-tree.ts";
import { withAllNodes } from "./all-nodes.ts";
import { cannotRead } from "./side-file.ts";
import { childOf, layOver, without } from "./tree-edit.ts";

export class Topologies {
  readonly #readSide: (path: string) => string;
  readonly #files = new Map<string, Tree>();

  constructor(readSide: (path: string) => string) {
    this.#readSide = readSide;
  }

  /** Undefined after a mistake was noted. `name` is what the lab is called. */
  of(condition: Tree, name: string, seed: number, findings: Findings): Topology | undefined {
    const found = this.#below(condition, findings);
    const below = found && withAllNodes(found, childOf(condition, "nodes"), findings);
    const rules = rulesOf(condition, findings);
    if (!below || !rules) return undefined;
    try {
      const topology = topologyOfTree(withRules(below, rules, condition), this.#readSide);
      const known = findings.mistakes.length;
      for (const role of ["worker", "generator"]) {
        if (topology.nodes.some((node) => node.role === role)) continue;
        const what = `topology: has no node of role ${role}`;
        findings.refuse(["topology"], "no-sense", what, `give one \`role: ${role}\``);
      }
      return findings.mistakes.length > known ? undefined : { ...topology, name, seed };
    } catch (error) {
      if (!(error instanceof MistakesError)) throw error;
      findings.mistakes.push(...error.mistakes);
      return undefined;
    }
  }

  #below(condition: Tree, findings: Findings): Tree | undefined {
    const written = childOf(condition, "topology");
    const path = ["topology"];
    const fix = "for example topology: ../topologies/fog-15.yaml";
    if (written === undefined) findings.refuse(path, "missing-key", "topology: is missing", `add it, ${fix}`);
    else if (written.kind === "nothing")
      findings.refuseKey(path, "wrong-type", "topology: has no value", fix);
    else if (written.kind === "list")
      findings.refuse(path, "wrong-type", "topology: must be a file or a topology, not a list", fix);
    if (written?.kind === "text") return this.#file(written.text, findings);
    if (written?.kind !== "mapping") return undefined;
    if (childOf(written, "name") !== undefined) return written;
    // Any name that is one: the lab is called as the experiment, whose own name is refused at its own place, once.
    const named: Tree = { place: written.place, kind: "text", text: "lab" };
    return layOver(written, ["name"], named, written.place);
  }

  #file(written: string, findings: Findings): Tree | undefined {
    const path = ["topology"];
    const file = isAbsolute(written) ? written : join(dirname(findings.fileOf(path)), written);
    const known = this.#files.get(file);
    if (known) return known;
    try {
      const tree = readYaml(this.#readSide(file), file);
      this.#files.set(file, tree);
      return tree;
    } catch (error) {
      if (error instanceof MistakesError) findings.mistakes.push(...error.mistakes);
      else if (error instanceof Error && "code" in error) {
        const { why, fix } = cannotRead(error, file);
        const how = `names are relative to the file they stand in: ${fix}`;
        findings.refuse(path, "side-file", `cannot read topology ${quote(written)}: ${why}`, how);
      } else throw error;
      return undefined;
    }
  }
}

/** `topology` (its own), `none`, one rule, or a list of rules. Undefined after a mistake was noted. */
function rulesOf(condition: Tree, findings: Findings): readonly Tree[] | "its own" | undefined {
  const written = childOf(condition, "network");
  if (written === undefined || (written.kind === "text" && written.text === "topology")) return "its own";
  if (written.kind === "text" && written.text === "none") return [];
  if (written.kind === "mapping") return [without(written, "name")];
  if (written.kind === "list") return written.items;
  const what =
    written.kind === "nothing" ? "network: has no value" : `network: ${quote(written.text)} is no rule`;
  findings.refuse(
    ["network"],
    "wrong-type",
    what,
    'write none, topology, or rules such as { to: "dsp[6-10]", delay: 25ms }',
  );
  return undefined;
}

/** In place of the topology's own: then `none` is none, whatever the topology is set up with. */
function withRules(topology: Tree, rules: readonly Tree[] | "its own", condition: Tree): Tree {
  if (rules === "its own") return topology;
  const place = keyPlace(condition, ["network"]);
  return layOver(topology, ["network", "pairs"], { place, kind: "list", items: rules }, place);
}
