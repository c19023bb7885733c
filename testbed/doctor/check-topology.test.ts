import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTopology } from "#testbed/topology/load.ts";
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

test("nodes of another kind than netns are named", async () => {
  const pis = topology("name: t\nnodes: { a: {}, kitchen: { kind: ssh, host: pi@10.0.0.1 } }\n");
  const [kinds] = await checkTopology(pis, pretendedMachine());
  assert.equal(kinds?.state, "missing");
  assert.match(kinds?.detail ?? "", /^ssh nodes \(kitchen\)/);
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
