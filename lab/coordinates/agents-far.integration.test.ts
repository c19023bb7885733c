import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { networkView } from "#autoscaler/network-view.ts";
import { withFarNodes } from "#testbed/far-nodes-for-tests.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { type AgentsOnLab, startAgentsOnLab } from "./agents-on-lab.ts";
import type { NetworkReport } from "./network-report.ts";

const labs = new TestLabs();
const lab = await labs.open(`
name: agents-far
fabric: wire
defaults: { device: none }
nodes: { near1: {}, near2: {}, pi1: {}, pi2: {} }
network: { pairs: [ { from: "near*", to: "pi*", delay: 25ms } ] }
`);
const seen = withFarNodes(lab, ["pi1", "pi2"]);
const names = lab.nodeNames();
const reports: NetworkReport[] = [];
const lines: string[] = [];
let agents: AgentsOnLab | undefined;
after(async () => {
  await agents?.end();
  seen.keeper.close();
  await labs.end();
});

const noiseMs = 3;
const pairs = names.flatMap((one, index) => names.slice(index + 1).map((other) => [one, other] as const));
const isPi = (name: string) => name.startsWith("pi");
const asked = (one: string, other: string) => (isPi(one) === isPi(other) ? 0.1 : 25.1);
const isKnown = ([one, other]: readonly [string, string]) => {
  const told = networkView(agents!.table()).pair(one, other)?.rttMs;
  return told !== undefined && Math.abs(told - asked(one, other)) < noiseMs;
};

async function until(what: string, isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + 45_000;
  while (!isSo()) {
    assert.ok(performance.now() < endMs, `${what}: not yet; ${lines.join("\n")}`);
    await sleep(50);
  }
}

test("nodes with agents' processes of their own and those of this machine know every pair", async () => {
  agents = await startAgentsOnLab(seen, {
    ...{ algorithm: "brume", seed: 1, everyMs: 250 },
    log: (line) => lines.push(line),
  });
  agents.onReport((report) => reports.push(report));
  await until("all pairs measured", () => pairs.every(isKnown));
  await until("a report of all", () =>
    reports.some(({ nodes }) => Object.keys(nodes).sort().join() === [...names].sort().join()),
  );
  assert.deepEqual(lines, []);
});

test("an agent of a node that crashed is no more, and is there again with the node", async () => {
  const table = () => agents!.table().nodes;
  await lab.keeper.ask("POST /act", { node: "pi1", action: "crash" });
  await until("its absence", () => !table().includes("pi1"));
  reports.length = 0;
  await lab.keeper.ask("POST /act", { node: "pi1", action: "start" });
  await until("its word", () => reports.some(({ nodes }) => nodes.pi1 !== undefined));
  await until("every pair of it", () => pairs.filter((pair) => pair.includes("pi1")).every(isKnown));
});
