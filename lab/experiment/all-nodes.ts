/**
 * `nodes: docker`, or `nodes: { kind: ssh, host: "pi@192.168.1.[21-30]" }`: what every node of an experiment's topology is,
 * in place of what the topology says, so that one file runs on nodes of any kind. Laid over the tree, it is checked there.
 */
import type { Findings } from "#testbed/topology/findings.ts";
import { settingKeys } from "#testbed/topology/node-settings.ts";
import { expandPattern } from "#testbed/topology/patterns.ts";
import { quote } from "#testbed/topology/topology-error.ts";
import type { Entry, Tree } from "#testbed/topology/yaml-tree.ts";
import { childOf, layOver, without } from "./tree-edit.ts";

const path = ["nodes"];
/** They belong to a kind: those of another one would be refused. */
const ofKinds = ["kind", ...Object.keys(settingKeys)];
const taken = [...ofKinds, "device", "cores"];
const example = 'for example nodes: docker, or nodes: { kind: ssh, host: "pi@192.168.1.[21-30]" }';

/** Undefined after a mistake was noted. */
export function withAllNodes(
  topology: Tree,
  written: Tree | undefined,
  findings: Findings,
): Tree | undefined {
  if (written === undefined) return topology;
  const wanted = asMapping(written, findings);
  const nodes = childOf(topology, "nodes");
  if (wanted === undefined) return undefined;
  if (nodes?.kind !== "mapping") return topology;
  const defaultRole = textOf(childOf(childOf(topology, "defaults"), "role"));
  // A switch is no machine.
  const isNode = ({ value }: Entry) => (textOf(childOf(value, "role")) ?? defaultRole) !== "switch";
  const hosts = hostsFor(nodes.entries.filter(isNode), wanted, findings);
  if (hosts === undefined) return undefined;
  const entries = nodes.entries.flatMap((entry) => (isNode(entry) ? hosts(entry) : [entry]));
  if (topology.kind !== "mapping") return topology;
  const changed = topology.entries.map((entry) =>
    entry.key === "nodes" ? { ...entry, value: { ...nodes, entries } } : entry,
  );
  return { ...topology, entries: changed };
}

function asMapping(written: Tree, findings: Findings): (Tree & { kind: "mapping" }) | undefined {
  const { place } = written;
  if (written.kind === "text")
    return { place, kind: "mapping", entries: [{ key: "kind", keyPlace: place, value: written }] };
  if (written.kind !== "mapping") {
    findings.refuse(path, "wrong-type", "nodes: must be a kind, or a mapping with one", example);
    return undefined;
  }
  const stranger = written.entries.find(({ key }) => !taken.includes(key) && key !== "name");
  if (stranger !== undefined) {
    const what = `nodes takes no ${quote(stranger.key)}: it is about all nodes at once`;
    findings.refuseKey([...path, stranger.key], "unknown-key", what, `one of: ${taken.join(", ")}`);
    return undefined;
  }
  return { ...written, entries: written.entries.filter(({ key }) => key !== "name") };
}

/** Gives what each of the topology's entries becomes: brackets in the host run along all nodes, in their order. */
function hostsFor(
  entries: readonly Entry[],
  wanted: Tree,
  findings: Findings,
): ((entry: Entry) => Entry[]) | undefined {
  const host = childOf(wanted, "host");
  const changed = (value: Tree): Tree => layOver(ofKinds.reduce(without, value), [], wanted, wanted.place);
  const names = new Map(entries.map((entry) => [entry, namesOf(entry)]));
  const count = [...names.values()].reduce((sum, each) => sum + each.length, 0);
  if (host?.kind !== "text") return (entry) => [{ ...entry, value: changed(entry.value) }];
  const hosts = findings.take([...path, "host"], expandPattern(host.text, /^[\w.@:%~-]*$/));
  if (hosts === undefined) return undefined;
  if (hosts.length !== count) {
    const what = `host: ${hosts.length === 1 ? "one host" : `${hosts.length} hosts`} for ${count} nodes`;
    const fix = `write as many hosts as there are nodes, such as "pi@192.168.1.[21-${20 + count}]"`;
    findings.refuse([...path, "host"], "bad-value", what, fix);
    return undefined;
  }
  const left = hosts.values();
  const own = new Map(
    [...names].map(([entry, each]) => [entry, each.map((name) => [name, left.next().value ?? ""] as const)]),
  );
  return (entry) =>
    (own.get(entry) ?? []).map(([key, text]) => {
      const value: Tree = { ...host, text };
      return { ...entry, key, value: layOver(changed(entry.value), ["host"], value, host.place) };
    });
}

/** A name that is wrong is told where names are read. */
function namesOf({ key }: Entry): readonly string[] {
  const names = expandPattern(key);
  return "value" in names ? names.value : [key];
}

const textOf = (tree: Tree | undefined): string | undefined =>
  tree?.kind === "text" ? tree.text : undefined;
