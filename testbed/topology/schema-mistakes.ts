/** From the schema's issues to mistakes with a place: finds the text that each issue's path leads to. */
import type * as z from "zod";
import { closestName } from "./close-names.ts";
import { keysOfMapping } from "./schema-parts.ts";
import { type Complaint, type Mistake, quote } from "./topology-error.ts";
import { keyPlace, type Path, type Tree, treeAt } from "./yaml-tree.ts";

/** What other tools call our keys. */
const synonyms: Readonly<Record<string, string>> = {
  latency: "delay",
  bandwidth: "rate",
  bw: "rate",
  capacity: "rate",
  buffer: "queue",
  type: "kind",
  class: "device",
  duration: "for",
  time: "at",
  action: "do",
  source: "from",
  target: "to",
  hosts: "nodes",
  rules: "pairs",
  upload: "up",
  download: "down",
};

type Issue = z.core.$ZodIssue;

export function mistakesOf(issues: readonly Issue[], tree: Tree, above: Path = []): Mistake[] {
  return issues.flatMap((issue) => mistakesOfIssue(issue, tree, [...above, ...issue.path]));
}

function mistakesOfIssue(issue: Issue, tree: Tree, path: Path): Mistake[] {
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(key, issue.message, tree, [...path, key]));
    case "invalid_union":
      return mistakesOf(likeliestBranch(issue.errors), tree, path);
    case "custom": {
      const { fault, what, fix } = issue.params as Complaint;
      return [{ fault, place: treeAt(tree, path).place, what: `${subject(path)}${what}`, fix }];
    }
    default: {
      const [what = "", fix = ""] = issue.message.split("\n  fix: ");
      const fault = what.startsWith("is missing") ? "missing-key" : "wrong-type";
      const place = what === "has no value" ? keyPlace(tree, path) : treeAt(tree, path).place;
      return [{ fault, place, what: `${subject(path) || "the file "}${what}`, fix }];
    }
  }
}

/** Of a value's possible shapes, the one whose type it has; its issues are the ones worth telling. */
function likeliestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const fitting = branches.filter((issues) =>
    issues.every(({ code, path }) => code !== "invalid_type" || path.length > 0),
  );
  return fitting[0] ?? branches[0] ?? [];
}

function unknownKey(key: string, mappingName: string, tree: Tree, path: Path): Mistake {
  const known = keysOfMapping.get(mappingName) ?? [];
  if (key === "<<") {
    const what = "merge keys (<<) are of YAML 1.1 and not read";
    return {
      fault: "unknown-key",
      place: keyPlace(tree, path),
      what,
      fix: "write the keys out; an alias such as *name may only be a whole value",
    };
  }
  const close = known.find((name) => name === synonyms[key.toLowerCase()]) ?? closestName(key, known);
  const fix = close ? `did you mean ${close}?` : `it takes: ${known.join(", ")}`;
  const what = `unknown key ${quote(key)} in ${mappingName}`;
  return { fault: "unknown-key", place: keyPlace(tree, path), what, fix };
}

/** The last key of the path, which names what is wrong: "delay: ". */
function subject(path: Path): string {
  const key = path.findLast((step) => typeof step === "string");
  const last = path.at(-1);
  const item = typeof last === "number" ? `, item ${last + 1}` : "";
  return key === undefined ? "" : `${String(key)}${item}: `;
}
