import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceOf, loadDeviceClass } from "#testbed/devices/device-class.ts";
import { parseTopology } from "#testbed/topology/load.ts";
import { UserError } from "#testbed/user-error.ts";
import { checkTopology } from "./check-topology.ts";
import { labsCanRun } from "./finding.ts";
import type { Machine } from "./machine.ts";
import { pretendedMachine } from "./pretended-machine.ts";

const topology = (text: string) => parseTopology(text, "test.yaml", () => "");
const small = "name: t\nnodes: { a: {}, b: {} }\n";
const weakKernel = {
  netem: async () => ({ lacks: [{ need: "core" as const, what: "netem", because: "unknown" }] }),
};

test("a topology of two plain nodes can run", async () => {
  assert.ok(labsCanRun(await checkTopology(topology(small), pretendedMachine())));
});

test("what a kind says of its nodes is told with its remedy, and the other kinds are none the worse", async () => {
  const mixed = topology("name: t\nnodes: { a: {}, box: { kind: docker } }\n");
  const checkKind = async (kind: string) => {
    if (kind === "docker") throw new UserError("docker-gone", "no daemon answers", "start dockerd");
  };
  const findings = await checkTopology(mixed, pretendedMachine({ checkKind }));
  const [netns, docker] = findings;
  assert.deepEqual([netns?.what, netns?.state], ["netns nodes", "ok"]);
  assert.deepEqual(
    [docker?.what, docker?.state, docker?.detail, docker?.remedy],
    ["docker nodes", "missing", "no daemon answers", "start dockerd"],
  );
  assert.ok(!labsCanRun(findings));
});

test("the devices of nodes elsewhere are not asked of this machine", async () => {
  const pis = topology("name: t\nnodes: { pi: { kind: ssh, host: pi@192.0.2.1, device: pi4b } }\n");
  const findings = await checkTopology(pis, pretendedMachine());
  assert.equal(findings.find(({ what }) => what === "devices")?.detail, "none asked for");
});

const emulated = topology(
  "name: t\ndefaults: { kind: docker, device: pi4b }\nnodes: { near: {}, far: { arch: aarch64 } }\n",
);
const devices = async (coreScores: Machine["coreScores"]) => {
  const findings = await checkTopology(emulated, pretendedMachine({ cores: 64, coreScores }));
  return findings.filter(({ what }) => what.startsWith("device"));
};

test("a node of an emulated processor is judged by what this machine reaches when it emulates it", async () => {
  const { scores } = deviceOf(loadDeviceClass("pi4b"));
  const half = Object.fromEntries(
    Object.entries(scores).map(([kernel, score]) => [kernel, score / 2]),
  ) as typeof scores;
  const found = await devices(({ settings }) => (settings.arch === undefined ? undefined : half));
  const { state, detail } = found.find(({ what }) => what === "device pi4b, aarch64 emulated")!;
  assert.equal(state, "limited");
  assert.match(detail, /^one core of this machine, which emulates it, has 50 % of the speed/);
  assert.doesNotMatch(found.find(({ what }) => what === "device pi4b")!.detail, /emulates/);
});

test("what is not measured yet is said to be measured when it is provisioned, and no other figure is told for it", async () => {
  const found = await devices(({ settings }) => (settings.arch === undefined ? undefined : "unmeasured"));
  const { state, detail } = found.find(({ what }) => what === "device pi4b, aarch64 emulated")!;
  assert.equal(state, "ok");
  assert.match(detail, /^1 nodes of .* is measured when the first of them is provisioned$/);
});

test("more nodes than open files is told with the number that would do", async () => {
  const limits = "Max open files            64                   64                   files";
  const findings = await checkTopology(
    topology(small),
    pretendedMachine({}, { "/proc/self/limits": limits }),
  );
  assert.equal(findings.find(({ what }) => what === "size")?.remedy, "ulimit -n 66");
});

test("more nodes than network namespaces is told by the setting's name", async () => {
  const machine = pretendedMachine({}, { "/proc/sys/user/max_net_namespaces": "3" });
  const findings = await checkTopology(topology(small), machine);
  assert.match(
    findings.find(({ what }) => what === "size")?.remedy ?? "",
    /^sysctl -w user\.max_net_namespaces=/,
  );
});

test("a topology that insists on netem cannot run where the kernel lacks it, and one that leaves it open can", async () => {
  const insisting = topology(`${small}fabric: netem\n`);
  assert.ok(!labsCanRun(await checkTopology(insisting, pretendedMachine(weakKernel))));
  assert.ok(labsCanRun(await checkTopology(topology(small), pretendedMachine(weakKernel))));
});
