/** Links of a containerlab file, brief (`["a:eth1", "b:eth1"]`) and extended (`{type: veth, endpoints: [{node, interface}]}`). */
import type { ImpairmentEntry, LinkEntry } from "../generate/document.ts";
import { type ClabPath, type ClabSource, isRecord } from "./containerlab-source.ts";

const pairTypes = new Set(["veth", "veth-stitch"]);
/** Links with one end in the lab: they lead out of it, or nowhere. */
const oneEndedTypes = new Set(["host", "mgmt-net", "macvlan", "vxlan", "vxlan-stitch", "dummy"]);

export function readLinks(
  source: ClabSource,
  nameOf: ReadonlyMap<string, string>,
  warnings: string[],
): LinkEntry[] {
  const links: LinkEntry[] = [];
  const seen = new Set<string>();
  for (const [index, link] of source.links.entries()) {
    const path = ["topology", "links", index];
    if (!isRecord(link))
      throw source.error(path, "a link is a map", 'for example {endpoints: ["a:eth1", "b:eth1"]}');
    const type = link.type === undefined ? "veth" : String(link.type);
    if (oneEndedTypes.has(type)) {
      warnings.push(`${source.place(path)}: a link of type ${type} leads out of the lab and is left out`);
      continue;
    }
    if (!pairTypes.has(type)) {
      const known = [...pairTypes, ...oneEndedTypes].join(", ");
      throw source.error([...path, "type"], `"${type}" is not a type of link`, `one of: ${known}`);
    }
    const ends = readEnds(source, link.endpoints, [...path, "endpoints"]);
    const outside = ends.find((end) => oneEndedTypes.has(end) && !nameOf.has(end));
    if (outside !== undefined) {
      warnings.push(`${source.place(path)}: a link to ${outside} leads out of the lab and is left out`);
      continue;
    }
    const [a, b] = ends.map((end, place) => {
      const name = nameOf.get(end);
      if (name !== undefined) return name;
      const known = `declared are: ${[...nameOf.keys()].join(", ")}`;
      throw source.error([...path, "endpoints", place], `link to ${end}, which is not a node`, known);
    }) as [string, string];
    const key = [a, b].sort().join(" ");
    if (a === b)
      warnings.push(
        `${source.place(path)}: a link from ${a} to itself carries nothing between nodes and is left out`,
      );
    else if (seen.has(key))
      warnings.push(
        `${source.place(path)}: one more link between ${a} and ${b}; packets take the first, so this one is left out`,
      );
    else links.push({ endpoints: [a, b], ...readImpairment(source, link, path) });
    seen.add(key);
  }
  return links;
}

function readEnds(source: ClabSource, endpoints: unknown, path: ClabPath): [string, string] {
  if (!Array.isArray(endpoints) || endpoints.length !== 2) {
    throw source.error(path, "a link has exactly two endpoints", 'endpoints: ["a:eth1", "b:eth1"]');
  }
  const ends = endpoints.map((end: unknown, place) => {
    if (isRecord(end) && typeof end.node === "string") return end.node;
    const [, node] = typeof end === "string" ? (/^([^:]+):.+$/.exec(end) ?? []) : [];
    if (node !== undefined) return node;
    throw source.error(
      [...path, place],
      "not an endpoint",
      '"node:interface", or {node: ..., interface: ...}',
    );
  });
  return ends as [string, string];
}

/**
 * The format has no impairments of its own: people keep them in a link's `vars` or `labels`, named as
 * `containerlab tools netem set` names them (delay, jitter, loss in percent, rate in kbit/s, corruption in percent).
 */
function readImpairment(
  source: ClabSource,
  link: Record<string, unknown>,
  path: ClabPath,
): ImpairmentEntry & { mtu?: number } {
  const from = (key: string): { raw: string; path: ClabPath } | undefined => {
    for (const holder of ["vars", "labels"]) {
      const values = link[holder];
      if (isRecord(values) && values[key] !== undefined)
        return { raw: String(values[key]), path: [...path, holder, key] };
    }
    return undefined;
  };
  const read = (key: string, pattern: RegExp, unit: string, example: string): string | undefined => {
    const found = from(key);
    if (!found) return undefined;
    const [, number, ownUnit] = pattern.exec(found.raw) ?? [];
    if (number === undefined)
      throw source.error(found.path, `"${found.raw}" is not a ${key}`, `for example ${key}: ${example}`);
    return Number(number) === 0 ? undefined : `${number}${ownUnit ?? unit}`;
  };
  const duration = /^(\d+(?:\.\d+)?)(us|ms|s)$/;
  const percent = /^(\d{1,2}(?:\.\d+)?|100)(%)?$/;
  const values = {
    delay: read("delay", duration, "ms", "25ms"),
    jitter: read("jitter", duration, "ms", "5ms"),
    loss: read("loss", percent, "%", "0.1"),
    corrupt: read("corruption", percent, "%", "0.1"),
    rate: read("rate", /^(\d+(?:\.\d+)?)([kMG]?bit\/s)?$/, "kbit/s", "10000"),
  };
  if (values.jitter !== undefined && values.delay === undefined) {
    throw source.error(
      from("jitter")!.path,
      "jitter without a delay has nothing to vary",
      "add delay beside it",
    );
  }
  const mtu = readMtu(source, link.mtu, path);
  return {
    ...(Object.fromEntries(
      Object.entries(values).filter(([, value]) => value !== undefined),
    ) as ImpairmentEntry),
    ...mtu,
  };
}

/** IPv6 forbids less than 1280 (RFC 8200), and every lab of brume speaks both. */
function readMtu(source: ClabSource, mtu: unknown, path: ClabPath): { mtu?: number } {
  if (mtu === undefined) return {};
  if (typeof mtu === "number" && Number.isInteger(mtu) && mtu >= 1280 && mtu <= 65_535) return { mtu };
  throw source.error(
    [...path, "mtu"],
    `"${String(mtu)}" is not an MTU that brume can give`,
    "a whole number from 1280 to 65535",
  );
}
