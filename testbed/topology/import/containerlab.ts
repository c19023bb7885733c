/**
 * A topology from a containerlab file (`*.clab.yml`): its nodes become network namespaces, its bridges switches,
 * its links links. What brume does not emulate (images, configurations, ways out of the lab) is listed.
 */
import { UserError } from "#testbed/user-error.ts";
import type { LinkEntry, NodeEntry } from "../generate/document.ts";
import { generator } from "../generate/generator.ts";
import { textWithDefault } from "../generate/options.ts";
import { readLinks } from "./containerlab-links.ts";
import { isRecord, openClab } from "./containerlab-source.ts";
import { uniqueNames } from "./node-names.ts";

/** Kinds that only forward frames. */
const switchKinds = new Set(["bridge", "ovs-bridge"]);
/** Node settings that change nothing of what brume emulates. */
const placing = new Set(["kind", "group", "labels"]);

export const containerlab = generator({
  name: "from-containerlab",
  summary: "nodes and links of a containerlab file",
  usage: "FILE",
  example: "./brume generate from-containerlab clos.clab.yml --out clos.yaml",
  options: { device: textWithDefault("CLASS", "device class of the nodes", "none") },
  make({ device }, { words, readText }) {
    const [file, extra] = words;
    if (file === undefined || extra !== undefined) {
      throw new UserError(
        "usage",
        "from-containerlab takes one FILE",
        "./brume generate from-containerlab lab.clab.yml",
        2,
      );
    }
    const source = openClab(readText(file), file);
    const warnings: string[] = [];
    const declared = new Map<string, { kind: string; settings: string[] }>();
    for (const [name, value] of Object.entries(source.nodes)) {
      const node = value ?? {};
      if (!isRecord(node))
        throw source.error(
          ["topology", "nodes", name],
          `node ${name} is not a map of settings`,
          "for example {kind: linux}",
        );
      declared.set(name, {
        kind: kindOf(node, source),
        settings: Object.keys(node).filter((key) => !placing.has(key)),
      });
    }
    const renamed = uniqueNames([...declared.keys()]);
    warnings.push(...renamed.warnings);
    const nameOf = new Map([...declared.keys()].map((name, index) => [name, renamed.names[index]!]));

    const links: LinkEntry[] = readLinks(source, nameOf, warnings);
    const linked = new Set(links.flatMap(({ endpoints }) => endpoints));
    const nodes: Record<string, NodeEntry> = {};
    for (const [original, { kind }] of declared) {
      const name = nameOf.get(original)!;
      const isSwitch = switchKinds.has(kind);
      if (linked.has(name) || !isSwitch) nodes[name] = { role: isSwitch ? "switch" : "worker" };
      if (!linked.has(name) && isSwitch) warnings.push(`${kind} ${original} is on no link and is left out`);
      if (!linked.has(name) && !isSwitch) warnings.push(`no link reaches ${original}`);
    }
    warnings.push(...unsaid(declared));
    return {
      document: {
        name: uniqueNames([source.name]).names[0]!,
        defaults: { device },
        nodes,
        ...(links.length > 0 ? { links } : {}),
      },
      comments: [`Nodes and links of ${file}.`],
      warnings,
    };
  },
});

function kindOf(node: Record<string, unknown>, source: ReturnType<typeof openClab>): string {
  const group = typeof node.group === "string" ? source.groups[node.group] : undefined;
  for (const level of [node, group, source.defaults]) {
    if (isRecord(level) && typeof level.kind === "string") return level.kind;
  }
  return "linux";
}

/** Emulation stops at the network: one line for each kind and each setting that is left behind. */
function unsaid(declared: ReadonlyMap<string, { kind: string; settings: string[] }>): string[] {
  const byKind = new Map<string, string[]>();
  const bySetting = new Map<string, string[]>();
  for (const [name, { kind, settings }] of declared) {
    if (switchKinds.has(kind)) continue;
    if (kind !== "linux") byKind.set(kind, [...(byKind.get(kind) ?? []), name]);
    for (const setting of settings) bySetting.set(setting, [...(bySetting.get(setting) ?? []), name]);
  }
  return [
    ...[...byKind].map(
      ([kind, names]) => `kind ${kind} is not emulated; plain namespaces stand for ${names.join(", ")}`,
    ),
    ...[...bySetting].map(([setting, names]) => `setting ${setting} is left out (${names.join(", ")})`),
  ];
}
