/** The nodes section: expands names, applies defaults, checks each node against its kind and its device class. */
import { closestName } from "./close-names.ts";
import type { Findings } from "./findings.ts";
import {
  requiredSettings,
  type SettingKey,
  settingKeys,
  settingNames,
  settingsOfKind,
} from "./node-settings.ts";
import { expandPattern, mostNodes } from "./patterns.ts";
import type { TopologyFile } from "./schema.ts";
import { type NodeKind, type NodeSpec, nodeKinds } from "./topology.ts";
import { quote } from "./topology-error.ts";
import type { Path } from "./yaml-tree.ts";

type FileNode = NonNullable<TopologyFile["nodes"][string]>;
type FileDefaults = NonNullable<TopologyFile["defaults"]>;

/** What nodes may name. A class is only read where a node wants several of its cores. */
export type DeviceClasses = { names(): readonly string[]; coresOf(name: string): number };

/** Every lab resolves "host" to the machine that runs it. */
const reservedNames = new Set(["host", "localhost"]);

export function readNodes(file: TopologyFile, devices: DeviceClasses, findings: Findings): NodeSpec[] {
  const defaults = file.defaults ?? {};
  checkWords(defaults, ["defaults"], devices, findings);
  const seen = new Map<string, { name: string; line: number }>();
  const nodes: NodeSpec[] = [];
  for (const pattern of findings.keys(["nodes"])) {
    const written = file.nodes[pattern];
    const path = ["nodes", pattern];
    const names = (findings.takeKey(path, expandPattern(pattern)) ?? []).filter((name) =>
      isName(name, path, findings),
    );
    if (seen.size + names.length > mostNodes) {
      const what = `this makes more than ${mostNodes} nodes`;
      findings.refuseKey(path, "out-of-range", what, `declare at most ${mostNodes} nodes`);
      break;
    }
    const fresh = names.filter((name) => isFresh(name, seen, path, findings));
    nodes.push(...readNode(fresh, written ?? {}, defaults, path, devices, findings));
  }
  if (Object.keys(file.nodes).length === 0) {
    findings.refuse(
      ["nodes"],
      "missing-key",
      "nodes: declares no node",
      "for example edge[1-3]: { role: worker }",
    );
  }
  return nodes;
}

function readNode(
  names: readonly string[],
  written: FileNode,
  defaults: FileDefaults,
  path: Path,
  devices: DeviceClasses,
  findings: Findings,
): NodeSpec[] {
  checkWords(written, path, devices, findings);
  const kind = written.kind ?? defaults.kind ?? "netns";
  const settings = readSettings(written, defaults, kind, path, findings);
  const hosts = hostsOf(names, settings, path, findings);
  const tier = written.tier ?? defaults.tier;
  const device = written.device ?? defaults.device ?? "none";
  const cores = device === "none" ? undefined : (written.cores ?? defaults.cores);
  if (written.cores !== undefined && device === "none") {
    findings.refuseKey(
      [...path, "cores"],
      "no-sense",
      "cores: a node without a device class is not limited",
      "add device: pi4b, or remove cores",
    );
  }
  if (cores !== undefined && cores > 1) checkCores(cores, device, written, path, devices, findings);
  const shared = {
    kind,
    role: written.role ?? defaults.role ?? "worker",
    device,
    ...(cores === undefined ? {} : { cores }),
    ...(tier === undefined ? {} : { tier }),
    ...(written.position ? { position: written.position } : {}),
  };
  return names.map((name, index) => ({
    name,
    ...shared,
    settings: hosts ? { ...settings, host: hosts[index]! } : settings,
  }));
}

function readSettings(
  written: FileNode,
  defaults: FileDefaults,
  kind: NodeKind,
  path: Path,
  findings: Findings,
): Record<string, string | number | boolean> {
  const settings: Record<string, string | number | boolean> = {};
  const taken = settingsOfKind[kind];
  for (const key of Object.keys(settingKeys) as SettingKey[]) {
    if (written[key] !== undefined && !taken.includes(key)) {
      const kinds = nodeKinds.filter((other) => settingsOfKind[other].includes(key));
      const what = `${key}: a node of kind ${kind} takes no ${key}`;
      findings.refuseKey(
        [...path, key],
        "unknown-key",
        what,
        `remove it, or set kind: ${kinds.join(" or ")}`,
      );
    }
    const value = taken.includes(key) ? (written[key] ?? defaults[key]) : undefined;
    if (value !== undefined) settings[settingNames[key] ?? key] = value;
    else if (requiredSettings[kind].includes(key)) {
      findings.refuseKey(
        path,
        "missing-key",
        `a node of kind ${kind} needs ${key}`,
        `add ${key}: ${exampleOf(key)}`,
      );
    }
  }
  return settings;
}

/** One host cannot be several nodes: brackets in the host run along the names. */
function hostsOf(
  names: readonly string[],
  settings: Readonly<Record<string, unknown>>,
  path: Path,
  findings: Findings,
): readonly string[] | undefined {
  const { host } = settings;
  if (typeof host !== "string") return undefined;
  const hasBrackets = /\[[\d\s,-]+\]/.test(host);
  const hosts = hasBrackets ? findings.take([...path, "host"], expandPattern(host, /^[\w.@:%~-]*$/)) : [host];
  if (!hosts) return undefined;
  if (hosts.length !== names.length && names.length > 0) {
    const what = `host: ${hosts.length === 1 ? "one host" : `${hosts.length} hosts`} for ${names.length} nodes`;
    const fix = `write as many hosts as names, such as "pi@192.168.1.[21-${20 + names.length}]"`;
    findings.refuse([...path, "host"], "bad-value", what, fix);
    return undefined;
  }
  return hosts;
}

function checkCores(
  cores: number,
  device: string,
  written: FileNode,
  path: Path,
  devices: DeviceClasses,
  findings: Findings,
): void {
  if (!devices.names().includes(device)) return; // That is a mistake of its own.
  const most = devices.coresOf(device);
  if (cores <= most) return;
  const place = written.cores === undefined ? path : [...path, "cores"];
  const what = `cores: ${cores} of a ${device}, which has ${most}`;
  findings.refuseKey(place, "out-of-range", what, `set cores to ${most} at most`);
}

function checkWords(
  { device, role, tier }: FileNode | FileDefaults,
  path: Path,
  devices: DeviceClasses,
  findings: Findings,
): void {
  const classes = devices.names();
  if (device !== undefined && device !== "none" && !classes.includes(device)) {
    const close = closestName(device, classes);
    const known = ["none", ...classes.filter((name) => name !== "none")].join(", ");
    const what = `device: there is no device class ${quote(device)}`;
    findings.refuse(
      [...path, "device"],
      "bad-value",
      what,
      close ? `did you mean ${close}?` : `one of: ${known}`,
    );
  }
  for (const [key, word] of Object.entries({ role, tier })) {
    if (word === undefined || /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(word)) continue;
    const what = `${key}: ${quote(word)} is not a word of letters, digits, - and _`;
    findings.refuse(
      [...path, key],
      "bad-name",
      what,
      `for example ${key}: ${key === "role" ? "worker" : "edge"}`,
    );
  }
}

function isName(name: string, path: Path, findings: Findings): boolean {
  const fault = nameFault(name);
  if (fault === undefined) return true;
  findings.refuseKey(path, "bad-name", fault.what, fault.fix ?? nameRule);
  return false;
}

const nameRule = "node names are host names: letters, digits and hyphens, at most 63, not - at the ends";

function nameFault(name: string): { what: string; fix?: string } | undefined {
  if (reservedNames.has(name.toLowerCase()))
    return {
      what: `${quote(name)} is reserved for the machine that runs brume`,
      fix: "choose another name",
    };
  if (name.includes("*")) return { what: `${quote(name)} declares no name: * only matches` };
  if (name.length > 63) return { what: `the name ${quote(name)} has ${name.length} characters` };
  // inet_aton takes a number for a whole address, before anyone looks into /etc/hosts: 7 would be 0.0.0.7.
  if (/^(\d+|0x[\da-f]*)$/i.test(name))
    return { what: `programs take the name ${quote(name)} for an address`, fix: `for example n${name}` };
  return /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/.test(name)
    ? undefined
    : { what: `${quote(name)} is not a node's name` };
}

function isFresh(
  name: string,
  seen: Map<string, { name: string; line: number }>,
  path: Path,
  findings: Findings,
): boolean {
  const before = seen.get(name.toLowerCase());
  if (!before) {
    seen.set(name.toLowerCase(), { name, line: findings.lineOf(path) });
    return true;
  }
  const what =
    before.name === name
      ? `node ${quote(name)} is declared twice, first at line ${before.line}`
      : `node ${quote(name)} differs only in case from ${quote(before.name)} at line ${before.line}`;
  findings.refuseKey(path, "duplicate", what, "give each node its own name");
  return false;
}

function exampleOf(key: SettingKey): string {
  return key === "host" ? "pi@192.168.1.20" : "...";
}
