/** From a file with a sweep to one file for each combination of its values: a tree in which each value keeps its place. */
import type { Findings } from "#testbed/topology/findings.ts";
import { quote } from "#testbed/topology/topology-error.ts";
import { keyPlace, plainValue, type Tree } from "#testbed/topology/yaml-tree.ts";
import { fileSafe, slugOf } from "./slug.ts";
import { childOf, layOver, without } from "./tree-edit.ts";

export type Condition = {
  /** Empty where nothing is swept. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly tree: Tree;
};

type Choice = {
  readonly path: readonly string[];
  readonly key: string;
  readonly slug: string;
  readonly value: Tree;
};

/** A sweep of more would not end; it is a slip. */
const mostConditions = 2000;
/** These are of the whole experiment. */
const notSwept = new Set(["name", "repeat", "sweep", "seed"]);
/** One value of them stands for itself; of all other mappings only the keys that are given change. */
const replacedWhole = new Set(["load", "network", "nodes", "topology"]);

/** After a mistake was noted, the combinations of what is left. */
export function conditionsOf(tree: Tree, findings: Findings): Condition[] {
  const sweep = childOf(tree, "sweep");
  const written = sweep?.kind === "mapping" ? sweep.entries : [];
  const axes = written.map(({ key, value }) => axisOf(key, value, findings));
  const count = axes.reduce((product, axis) => product * Math.max(1, axis.length), 1);
  if (count > mostConditions) {
    const what = `sweep: comes to ${count} conditions`;
    findings.refuse(["sweep"], "out-of-range", what, `sweep at most ${mostConditions} combinations`);
    return [];
  }
  const combinations = axes
    .filter((axis) => axis.length > 0)
    .reduce<Choice[][]>((all, axis) => all.flatMap((before) => axis.map((each) => [...before, each])), [[]]);
  return combinations.map((choices) => ({
    name: choices.map(({ slug }) => slug).join("_"),
    parameters: Object.fromEntries(choices.map(({ key, value }) => [key, plainValue(value)])),
    tree: choices.reduce((below, choice) => chosen(below, choice, tree), tree),
  }));
}

function chosen(below: Tree, { path, key, value }: Choice, file: Tree): Tree {
  const cleared = path.length === 1 && replacedWhole.has(key) ? without(below, key) : below;
  return layOver(cleared, path, value, keyPlace(file, ["sweep", key]));
}

function axisOf(key: string, values: Tree, findings: Findings): Choice[] {
  const path = key.split(".");
  const at = ["sweep", key];
  if (path.includes("") || notSwept.has(path[0]!)) {
    const what = path.includes("") ? `${quote(key)} is no path` : `${path[0]} cannot be swept`;
    findings.refuseKey(at, "unknown-key", what, "for example network, job.window or load.rate");
    return [];
  }
  if (values.kind !== "list" || values.items.length === 0) {
    const what = `${key}: must be a list of values`;
    findings.refuse(
      at,
      "wrong-type",
      what,
      `for example ${key}: [${key === "network" ? "none, …" : "…, …"}]`,
    );
    return [];
  }
  return distinct(
    values.items.map((item, index) => ({ ...choiceOf(path, key, item, [...at, index], findings), index })),
    at,
    findings,
  );
}

/** An entry is the value; `{ name, value }` or a mapping with a `name` says what it is called. */
function choiceOf(
  path: readonly string[],
  key: string,
  item: Tree,
  at: readonly (string | number)[],
  findings: Findings,
): Choice {
  const name = childOf(item, "name");
  if (
    name !== undefined &&
    (name.kind !== "text" || fileSafe(name.text) !== name.text || name.text.length > 60)
  ) {
    const shown = name.kind === "text" ? quote(name.text) : "this";
    const fix = "letters, digits, - and _, at most 60";
    findings.refuse([...at, "name"], "bad-name", `name: ${shown} cannot name a condition`, fix);
  }
  const unnamed = name === undefined ? item : without(item, "name");
  const wrapped = name === undefined ? undefined : childOf(unnamed, "value");
  return { path, key, slug: slugOf(path, item), value: wrapped ?? unnamed };
}

/** Two entries of one name: the same thing twice, or values that only look alike in a file's name. */
function distinct(
  choices: readonly (Choice & { index: number })[],
  at: readonly string[],
  findings: Findings,
): Choice[] {
  const seen = new Map<string, { value: string; index: number }>();
  return choices.flatMap(({ index, ...choice }) => {
    const value = JSON.stringify(plainValue(choice.value));
    const same = [...seen.values()].find((other) => other.value === value);
    if (same) {
      const what = `${choice.key}: the same as item ${same.index + 1}`;
      findings.refuse([...at, index], "duplicate", what, "sweep each value once; repeat runs it again");
      return [];
    }
    let slug = choice.slug;
    for (let next = 2; seen.has(slug); next++) slug = `${choice.slug}-${next}`;
    seen.set(slug, { value, index });
    return [{ ...choice, slug }];
  });
}
