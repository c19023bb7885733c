/** From a topology file to a topology: parse, check, expand. Every mistake in it is one TopologyError with its place. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { deviceClassNames, loadDeviceClass } from "#testbed/devices/device-class.ts";
import type { PairRule } from "#testbed/network/conditions.ts";
import { Findings } from "./findings.ts";
import { isLabName, labNameRule } from "./lab-name.ts";
import { NodeNames } from "./node-names.ts";
import { checkOtherMachines, defaultMtuBytes } from "./other-machines.ts";
import { readEvent } from "./read-events.ts";
import { readLinks } from "./read-links.ts";
import { readMatrix } from "./read-matrix.ts";
import { type DeviceClasses, readNodes } from "./read-nodes.ts";
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
  deviceClasses: DeviceClasses = shippedDeviceClasses,
): Topology {
  return topologyOfTree(readYaml(text, fileName), readSide, deviceClasses);
}

/**
 * A pair rule that is no file's, for the lab of `below`. What only shows on whole pairs is judged on top of that: a
 * jitter by itself varies the delay that the lab's pairs have.
 */
export function parseRule(rule: Readonly<Record<string, unknown>>, below: Topology): readonly PairRule[] {
  const ends = below.nodes.filter(({ role }) => role !== "switch");
  const nodes = Object.fromEntries(ends.map(({ name }) => [name, {}]));
  const tree = readYaml(JSON.stringify({ name: below.name, nodes, network: { pairs: [rule] } }), "rule");
  return topologyOfTree(tree, () => "", shippedDeviceClasses, below).pairs;
}

/** The same for a tree, which may have been put together from several files. `below`: what its pair rules lie on. */
export function topologyOfTree(
  tree: Tree,
  readSide: (path: string) => string,
  deviceClasses: DeviceClasses = shippedDeviceClasses,
  below?: Topology,
): Topology {
  const checked = topologyFile.safeParse(plainValue(tree));
  if (!checked.success) throw new TopologyError(mistakesOf(checked.error.issues, tree));
  const findings = new Findings(tree);
  const topology = readTopology(checked.data, deviceClasses, findings, new SideFiles(readSide), below);
  findings.throwIfAny();
  return topology;
}

/** The classes are files of testbed/devices/classes, one each; without that folder there are none. */
const shippedDeviceClasses: DeviceClasses = {
  names() {
    try {
      return deviceClassNames();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  },
  coresOf: (name) => loadDeviceClass(name).cores.value,
};

function readTopology(
  file: TopologyFile,
  deviceClasses: DeviceClasses,
  findings: Findings,
  sides: SideFiles,
  below: Topology | undefined,
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
    const lower = below?.pairs ?? [];
    const whole = below ? { ...below, pairs: [...lower, ...topology.pairs], events: [] } : topology;
    checkSense(whole, [...lower.map(() => []), ...places.pairs], places.events, findings);
    checkOtherMachines(topology, places, findings);
  }
  return topology;
}

function pathOf({ path }: { path: Path }): Path {
  return path;
}

/** A lab is called so, and an experiment. */
export function checkName(name: string, findings: Findings): void {
  if (isLabName(name)) return;
  findings.refuse(["name"], "bad-name", `name: ${quote(name)} cannot name a lab`, labNameRule);
}

/** The text of a file of that kind; a TopologyError where it cannot be read. */
export async function readWrittenFile(path: string, { what, example }: FileKind): Promise<string> {
  try {
    return decode(await readFile(path), path);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw error;
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: "there is no such file",
      EISDIR: "it is a folder",
      EACCES: "it may not be read by this user",
      ENOTDIR: "there is no such file",
      ENAMETOOLONG: "its name is too long",
    };
    const place = { file: path, line: 1, column: 1 };
    const fix = `name ${/^[aeiou]/.test(what) ? "an" : "a"} ${what} file, such as ${example}`;
    throw new TopologyError([
      { fault: "side-file", place, what: `cannot be read: ${reasons[code] ?? code}`, fix },
    ]);
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
