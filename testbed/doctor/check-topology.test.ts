import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTopology } from "#testbed/topology/load.ts";
import { UserError } from "#testbed/user-error.ts";
import { checkTopology } from "./check-topology.ts";
import { labsCanRun } from "./finding.ts";
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
