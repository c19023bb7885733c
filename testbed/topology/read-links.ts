/** The links section: the edges of a multi-hop graph. */
import { closestName } from "./close-names.ts";
import type { Findings } from "./findings.ts";
import type { NodeNames } from "./node-names.ts";
import { expandPattern } from "./patterns.ts";
import { readConditions } from "./read-conditions.ts";
import type { TopologyFile } from "./schema.ts";
import type { SideFiles } from "./side-files.ts";
import type { LinkSpec, NodeSpec } from "./topology.ts";
import { quote } from "./topology-error.ts";

type FileLinks = NonNullable<TopologyFile["links"]>;

export function readLinks(
  links: FileLinks,
  nodes: readonly NodeSpec[],
  names: NodeNames,
  findings: Findings,
  sides: SideFiles,
): LinkSpec[] {
  const seen = new Map<string, number>();
  const read = links.flatMap((file, index): LinkSpec[] => {
    const path = ["links", index];
    if (file.delay && "addDelayMs" in file.delay) {
      const fix = `write delay: ${file.delay.addDelayMs}ms`;
      findings.refuse([...path, "delay"], "no-sense", "delay: a link has no delay below it to add to", fix);
    }
    if (file.queue !== undefined && file.rate === undefined) {
      findings.refuseKey(
        [...path, "queue"],
        "no-sense",
        "queue: a link without a rate has no queue",
        "add a rate",
      );
    }
    const change = readConditions(file, path, findings, sides);
    if (
      change.jitter &&
      !file.delay &&
      change.jitter.distribution !== "trace" &&
      change.jitter.spreadMs > 0
    ) {
      findings.refuse(
        [...path, "jitter"],
        "no-sense",
        "jitter: a link without a delay has none to vary",
        "add a delay",
      );
    }
    const [a, b, ...more] = file.endpoints;
    if (a === undefined || b === undefined || more.length > 0) {
      const what = `endpoints: a link has 2 ends, not ${file.endpoints.length}`;
      findings.refuse([...path, "endpoints"], "bad-value", what, "for example [edge1, switch1]");
      return [];
    }
    const known = [a, b].map((name, end) => isKnown(name, [...path, "endpoints", end], names, findings));
    if (known.includes(false)) return [];
    if (a === b) {
      findings.refuse([...path, "endpoints"], "bad-value", `endpoints: both ends are ${a}`, "join two nodes");
      return [];
    }
    const key = [a, b].sort().join(" ");
    const before = seen.get(key);
    if (before !== undefined) {
      const what = `a second link between ${a} and ${b}, first at line ${findings.lineOf(["links", before])}`;
      findings.refuse(path, "duplicate", what, "keep one of the two, or put a switch into one of them");
      return [];
    }
    seen.set(key, index);
    return [{ endpoints: [a, b], change }];
  });
  const used = new Set(read.flatMap(({ endpoints }) => endpoints));
  for (const { name, role } of nodes) {
    if (role !== "switch" || used.has(name) || findings.mistakes.length > 0) continue;
    const what = `the switch ${name} is on no link`;
    findings.refuseKey(
      ["nodes", declarationOf(name, findings)],
      "no-sense",
      what,
      `add - { endpoints: [${name}, NODE] } under links, or remove it`,
    );
  }
  return read;
}

function declarationOf(name: string, findings: Findings): string {
  const declares = (pattern: string) => {
    const names = expandPattern(pattern);
    return "value" in names && names.value.includes(name);
  };
  return findings.keys(["nodes"]).find(declares) ?? name;
}

function isKnown(name: string, path: (string | number)[], names: NodeNames, findings: Findings): boolean {
  if (names.all.has(name)) return true;
  const close = closestName(name, names.all);
  const fix = close
    ? `did you mean ${close}?`
    : "declare it under nodes, with role: switch if it only joins links";
  findings.refuse(path, "matches-nothing", `endpoints: no node is called ${quote(name)}`, fix);
  return false;
}
