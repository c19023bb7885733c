/** From a topology file to a topology: parse, check, expand. Every mistake in it is one TopologyError with its place. */
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Findings } from "./findings.ts";
import { NodeNames } from "./node-names.ts";
import { checkOtherMachines, defaultMtuBytes } from "./other-machines.ts";
import { readEvent } from "./read-events.ts";
import { readLinks } from "./read-links.ts";
import { readMatrix } from "./read-matrix.ts";
import { readNodes } from "./read-nodes.ts";
import { readAccess, readPairRule } from "./read-pairs.ts";
import { type TopologyFile, topologyFile } from "./schema.ts";
import { mistakesOf } from "./schema-mistakes.ts";
import { checkSense } from "./sense.ts";
import { SideFiles } from "./side-files.ts";
import { checkSubnet } from "./subnet.ts";
import type { Topology } from "./topology.ts";
import { quote, TopologyError } from "./topology-error.ts";
import { type FileKind, type Path, plainValue, readYaml, type Tree, topologyKind } from "./yaml-tree.ts";

/** Reads the file, and the matrix and trace files that it names relative to itself. */
export async function loadTopology(path: string): Promise<Topology> {
  const text = await readWrittenFile(path, topologyKind);
  return parseTopology(text, path, (side) => readFileSync(side, "utf8"));
}

/**
 * Pure, once the device classes are given. `readSide` gets the path of a matrix or trace file, already joined
 * to the folder of `fileName`, and throws where there is none.
 */
export function parseTopology(
  text: string,
  fileName: string,
  readSide: (path: string) => string,
  deviceClasses: readonly string[] = shippedDeviceClasses(),
): Topology {
  return topologyOfTree(readYaml(text, fileName), readSide, deviceClasses);
}

/** The same for a tree, which may have been put together from several files. */
export function topologyOfTree(
  tree: Tree,
  readSide: (path: string) => string,
  deviceClasses: readonly string[] = shippedDeviceClasses(),
): Topology {
  const checked = topologyFile.safeParse(plainValue(tree));
  if (!checked.success) throw new TopologyError(mistakesOf(checked.error.issues, tree));
  const findings = new Findings(tree);
  const topology = readTopology(checked.data, deviceClasses, findings, new SideFiles(readSide));
  findings.throwIfAny();
  return topology;
}

/** The classes are files of testbed/devices/classes, one each; without that folder there are none. */
function shippedDeviceClasses(): string[] {
  try {
    const files = readdirSync(new URL("../devices/classes/", import.meta.url));
    return files.filter((name) => name.endsWith(".yaml")).map((name) => name.slice(0, -".yaml".length));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function readTopology(
  file: TopologyFile,
  deviceClasses: readonly string[],
  findings: Findings,
  sides: SideFiles,
): Topology {
  checkName(file.name, findings);
  const nodes = readNodes(file, deviceClasses, findings);
  const names = new NodeNames(nodes, findings.keys(["nodes"]), findings);
  // References to nodes that a mistake left undeclared would only repeat that mistake.
  findings.throwIfAny();
  if (names.ends.size === 0) {
    findings.refuse(["nodes"], "no-sense", "nodes: there are only switches", "declare at least one node");
  }
  if (file.subnet !== undefined) checkSubnet(file.subnet, names.ends.size, findings);
  const { network } = file;
  const matrix = network?.matrix
    ? readMatrix(network.matrix, ["network", "matrix"], names, findings, sides)
    : undefined;
  const pairs = (network?.pairs ?? []).flatMap((rule, index) => {
    const path = ["network", "pairs", index];
    return readPairRule(rule, path, names, findings, sides).map((read) => ({ read, path }));
  });
  const events = (file.events ?? []).flatMap((event, index) => {
    const path = ["events", index];
    return readEvent(event, path, names, findings, sides).map((read) => ({ read, path }));
  });
  const topology: Topology = {
    name: file.name,
    fabric: file.fabric ?? "auto",
    mtuBytes: file.mtu ?? defaultMtuBytes(nodes),
    ...(file.mtu === undefined && { mtuIsDefault: true as const }),
    seed: file.seed ?? 1,
    ...(file.subnet === undefined ? {} : { subnet: file.subnet }),
    nodes,
    access: readAccess(network?.access, names, findings),
    ...(matrix ? { matrix } : {}),
    links: readLinks(file.links ?? [], nodes, names, findings, sides),
    pairs: pairs.map(({ read }) => read),
    events: events.map(({ read }) => read),
  };
  // What single rules leave open can only be judged on the pairs, and only a sound topology has those.
  if (findings.mistakes.length === 0) {
    const places = { pairs: pairs.map(pathOf), events: events.map(pathOf) };
    checkSense(topology, places.pairs, places.events, findings);
    checkOtherMachines(topology, places, findings);
  }
  return topology;
}

function pathOf({ path }: { path: Path }): Path {
  return path;
}

/** A lab is called so, and an experiment. */
export function checkName(name: string, findings: Findings): void {
  if (/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(name)) return;
  const fix = "letters, digits and hyphens, at most 63, not - at the ends";
  findings.refuse(["name"], "bad-name", `name: ${quote(name)} cannot name a lab`, fix);
}

/** The text of a file of that kind; a TopologyError where it cannot be read. */
export async function readWrittenFile(path: string, { what, example }: FileKind): Promise<string> {
  try {
    return decode(await readFile(path), path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EISDIR" && code !== "EACCES" && code !== "ENOTDIR") throw error;
    const reasons = {
      ENOENT: "there is no such file",
      EISDIR: "it is a folder",
      EACCES: "it may not be read by this user",
      ENOTDIR: "there is no such file",
    };
    const place = { file: path, line: 1, column: 1 };
    const fix = `name ${/^[aeiou]/.test(what) ? "an" : "a"} ${what} file, such as ${example}`;
    throw new TopologyError([{ fault: "side-file", place, what: `cannot be read: ${reasons[code]}`, fix }]);
  }
}

function decode(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const place = { file, line: 1, column: 1 };
    throw new TopologyError([
      { fault: "not-yaml", place, what: "the file is not UTF-8 text", fix: "save it as UTF-8" },
    ]);
  }
}
