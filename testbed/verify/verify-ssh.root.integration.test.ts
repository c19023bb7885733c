import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { SshdForTests } from "#testbed/nodes/ssh/sshd-for-tests.ts";
import type { VerificationReport } from "./report.ts";
import { reportText } from "./table.ts";
import { defaultPairs, verifyLab } from "./verify-lab.ts";

const servers = await SshdForTests.start([{ name: "one", user: "pi" }, { name: "two" }]);
process.env.XDG_CACHE_HOME ||= join(homedir(), ".cache"); // Of this person, whose runtime is packed there already.
process.env.HOME = servers.home.folder; // Whose ssh configuration knows the machines; the keeper inherits it.
const labs = new TestLabs();
after(async () => {
  await labs.end();
  await servers.end();
});

const lab = await labs.open(`
name: verified-afar
defaults: { device: none }
nodes:
  pi1: { kind: ssh, host: one }
  pi2: { kind: ssh, host: two }
  near: {}
network:
  access:
    pi2: { up: 10Mbit/s, down: 40Mbit/s }
  pairs:
    - { from: near, to: pi1, delay: 5ms, loss: 5% }
    - { from: pi1, to: near, delay: 15ms }
    - { from: pi1, to: pi2, both: true, delay: 25ms }
`);

async function verify(): Promise<VerificationReport> {
  const edges = { progress: () => undefined, now: () => new Date(), nowMs: () => performance.now() };
  return await verifyLab(lab, { pairs: defaultPairs, seed: 1, seconds: 2 }, edges);
}

/** A fabric that says of itself that it was late, on a machine that others keep busy, is no fault of who measures it. */
async function verifyInTime(): Promise<VerificationReport> {
  for (let trial = 1; ; trial++) {
    const report = await verify();
    if (report.verdict === "ok" || report.lateNow === undefined || trial === 5) return report;
  }
}

const text = (report: VerificationReport) => reportText(report, { worst: 50, full: true });

test("links of nodes on other machines are measured by probers on them, and are as asked", async () => {
  const report = await verifyInTime();
  assert.equal(report.verdict, "ok", text(report));
  assert.equal(report.pairsMeasured, 6);
  assert.deepEqual(report.unmeasuredNodes, []);
  const checks = (from: string, to: string) =>
    report.pairs.find((pair) => pair.from === from && pair.to === to)!.checks;
  assert.ok(checks("near", "pi1").lossRatio!.measured! > 0);
  assert.equal(checks("pi2", "near").rateBitsPerSecond?.verdict, "ok");
});

test("a machine that is cut off is named with the reason, and the other nodes are measured", async () => {
  await servers.cut("two");
  try {
    const report = await verify();
    assert.equal(report.pairsMeasured, 2, text(report));
    assert.deepEqual(
      report.unmeasuredNodes.map(({ name }) => name),
      ["pi2"],
    );
  } finally {
    await servers.mend("two");
  }
});
