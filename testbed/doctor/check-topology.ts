/** Whether one topology can run on this machine: its kinds of node, its devices, its size, its fabric. */
import { calibrate } from "#testbed/devices/calibrate.ts";
import { deviceOf, loadDeviceClass } from "#testbed/devices/device-class.ts";
import { hostScores } from "#testbed/devices/host-scores.ts";
import { compileNetwork } from "#testbed/network/compile.ts";
import { chooseFabric } from "#testbed/network/netem/choose-fabric.ts";
import type { Topology } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import { type Finding, fine, limited, missing } from "./finding.ts";
import type { Machine } from "./machine.ts";

/** Measured: a namespace with its veth pair takes some 0.3 MB of the kernel, and each process of it its own. */
const bytesPerNode = 1e6;
/** Per node the keeper holds a namespace; sockets, logs and the runtime have some. */
const descriptorsBeside = 64;

export async function checkTopology(topology: Topology, machine: Machine): Promise<Finding[]> {
  const nodes = topology.nodes.filter(({ role }) => role !== "switch");
  return [
    ...(await checkKinds(topology, nodes, machine)),
    ...checkSize(nodes.length, machine),
    ...(await checkDevices(
      nodes.filter((node) => !isElsewhere(node)),
      machine,
    )),
    await checkFabric(topology, machine),
  ];
}

type Nodes = Topology["nodes"];

/** Its processors and its memory are not this machine's: it is ssh's, or a container there. */
function isElsewhere({ settings }: Nodes[number]): boolean {
  return settings.host !== undefined;
}

/** What each kind says of its nodes before anything is started: a daemon that answers, settings that fit, programs. */
async function checkKinds(topology: Topology, nodes: Nodes, machine: Machine): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [kind, ofKind] of Map.groupBy(nodes, (node) => node.kind)) {
    const what = `${kind} nodes`;
    try {
      await machine.checkKind(kind, topology, ofKind);
      findings.push(fine(what, `${ofKind.length}`));
    } catch (error) {
      findings.push(obstacle(what, error));
    }
  }
  return findings;
}

function obstacle(what: string, error: unknown): Finding {
  if (!(error instanceof UserError)) throw error;
  const [said = "", fix = ""] = error.message.split("\n  fix: ");
  return missing(what, said, fix);
}

function checkSize(count: number, machine: Machine): Finding[] {
  const what = "size";
  const wanted = count * bytesPerNode;
  if (wanted > machine.memoryBytes / 2) {
    return [
      missing(
        what,
        `${count} nodes take some ${gib(wanted)}, this machine has ${gib(machine.memoryBytes)}`,
        "declare fewer nodes",
      ),
    ];
  }
  const findings: Finding[] = [];
  const limit = (of: string, value: string | undefined, need: number, remedy: string) => {
    const most = value === undefined || value === "unlimited" ? Infinity : Number(value);
    if (most < need)
      findings.push(missing(what, `${count} nodes need ${need} ${of}, allowed are ${most}`, remedy));
  };
  const files = /^Max open files\s+\S+\s+(\S+)/m.exec(machine.read("/proc/self/limits") ?? "")?.[1];
  limit("open files", files, count + descriptorsBeside, `ulimit -n ${count + descriptorsBeside}`);
  const namespaces = machine.read("/proc/sys/user/max_net_namespaces");
  limit("network namespaces", namespaces, count + 2, `sysctl -w user.max_net_namespaces=${2 * count + 100}`);
  return findings.length > 0 ? findings : [fine(what, `${count} nodes`)];
}

async function checkDevices(nodes: Nodes, machine: Machine): Promise<Finding[]> {
  const limitedNodes = nodes.filter(({ device }) => device !== "none");
  if (limitedNodes.length === 0) return [fine("devices", "none asked for")];
  const { cores, memoryBytes } = machine;
  const own = await hostScores();
  let coresTogether = 0;
  let memoryTogether = 0;
  const alike = Map.groupBy(limitedNodes, (node) => deviceText(node, machine));
  const findings = [...alike].map(([what, [first, ...others]]) => {
    const device = deviceOf(loadDeviceClass(first!.device));
    const count = 1 + others.length;
    const memory = device.memoryBytes;
    memoryTogether += count * memory;
    const emulated = machine.coreScores(first!);
    if (emulated === "unmeasured") {
      const detail = `${count} nodes of ${gib(memory)}; what a core of this machine reaches when it emulates theirs`;
      return fine(what, `${detail} is measured when the first of them is provisioned`);
    }
    const here = { cores, memoryBytes, scores: emulated ?? own, emulates: emulated !== undefined };
    const { quotaCores, shortfalls } = calibrate(here, { ...device, cores: 1 });
    for (const { cores: used = 1 } of [first!, ...others]) coresTogether += used * quotaCores;
    if (shortfalls.length > 0)
      return limited(what, shortfalls.join("; "), "use a faster machine, or a weaker device class");
    return fine(
      what,
      `${count} nodes of ${gib(memory)}; a core of it is ${quotaCores.toFixed(2)} of this machine's ${cores}`,
    );
  });
  const remedy = "fewer nodes, weaker devices or a larger machine; or a job that leaves most nodes idle";
  if (coresTogether > cores) {
    const detail = `all nodes busy at once would need ${coresTogether.toFixed(1)} cores, this machine has ${cores}`;
    findings.push(limited("devices together", detail, remedy));
  }
  if (memoryTogether > memoryBytes) {
    const detail = `all nodes' memory full would be ${gib(memoryTogether)}, this machine has ${gib(memoryBytes)}`;
    findings.push(limited("devices together", detail, remedy));
  }
  return findings;
}

/** Of nodes that get the same of this machine. */
function deviceText(node: Nodes[number], machine: Machine): string {
  const emulated = machine.coreScores(node) === undefined ? "" : `, ${node.settings.arch} emulated`;
  return `device ${node.device}${emulated}`;
}

async function checkFabric(topology: Topology, machine: Machine): Promise<Finding> {
  const what = "fabric";
  if (topology.fabric === "wire") return fine(what, "wire: the topology asks for it");
  try {
    const { fabric, because } = chooseFabric(
      topology.fabric,
      await machine.netem(),
      compileNetwork(topology),
    );
    return fine(what, `${fabric}: ${because}`);
  } catch (error) {
    return obstacle(what, error);
  }
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
