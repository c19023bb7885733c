import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { networkView } from "#autoscaler/network-view.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { SshdForTests } from "#testbed/nodes/ssh/sshd-for-tests.ts";
import { type AgentsOnLab, startAgentsOnLab } from "./agents-on-lab.ts";

const servers = await SshdForTests.start([{ name: "one", user: "pi" }, { name: "two" }]);
process.env.XDG_CACHE_HOME ||= join(homedir(), ".cache"); // Of this person, whose runtime is packed there already.
process.env.HOME = servers.home.folder; // Whose ssh configuration knows the machines; the keeper inherits it.
const labs = new TestLabs();
const lab = await labs.open(`
name: agents-afar
fabric: wire
defaults: { device: none }
nodes:
  pi1: { kind: ssh, host: one }
  pi2: { kind: ssh, host: two }
  near: {}
network: { pairs: [ { from: near, to: "pi*", delay: 25ms } ] }
`);
const lines: string[] = [];
let agents: AgentsOnLab | undefined;
after(async () => {
  await agents?.end();
  await labs.end();
  await servers.end();
});

test("agents on machines that ssh reaches and those of this one measure each other", async () => {
  agents = await startAgentsOnLab(lab, {
    ...{ algorithm: "brume", seed: 1, everyMs: 250 },
    log: (line) => lines.push(line),
  });
  const asked = [
    ["near", "pi1", 25],
    ["near", "pi2", 25],
    ["pi1", "pi2", 0],
  ] as const;
  const isKnown = ([one, other, rttMs]: (typeof asked)[number]) => {
    const told = networkView(agents!.table()).pair(one, other)?.rttMs;
    return told !== undefined && Math.abs(told - rttMs) < 3;
  };
  const endMs = performance.now() + 60_000;
  while (!asked.every(isKnown)) {
    assert.ok(performance.now() < endMs, `not yet; ${lines.join("\n")}`);
    await sleep(50);
  }
  assert.deepEqual(lines, []);
});
