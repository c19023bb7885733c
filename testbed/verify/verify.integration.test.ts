import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import type { Lab } from "#testbed/open-lab.ts";
import type { VerificationReport } from "./report.ts";
import { reportText } from "./table.ts";
import { defaultPairs, type VerificationChoice, verifyLab } from "./verify-lab.ts";

const brume = fileURLToPath(new URL("../../brume", import.meta.url));
const labs = new TestLabs();
let lab: Lab;

before(async () => {
  lab = await labs.open(`
name: verified
nodes:
  gen: { role: generator }
  near: { role: worker }
  far: { role: worker }
  slow: { role: worker }
  gone: { role: worker }
network:
  access:
    slow: { up: 10Mbit/s, down: 40Mbit/s }
  pairs:
    - { from: gen, to: near, delay: 5ms, loss: 5% }
    - { from: near, to: gen, delay: 15ms, duplicate: 5%, corrupt: 5% }
    - { from: "*", to: far, delay: 25ms, jitter: 4ms }
    - { from: far, to: near, rate: 2Mbit/s }
    - { from: gone, to: gen, cut: true }
`);
});
after(async () => {
  await labs.end();
});

async function verify(changes: Partial<VerificationChoice> = {}): Promise<VerificationReport> {
  const edges = { progress: () => undefined, now: () => new Date(), nowMs: () => performance.now() };
  return await verifyLab(lab, { pairs: defaultPairs, seed: 1, seconds: 3, ...changes }, edges);
}

const text = (report: VerificationReport) => reportText(report, { worst: 50, full: true });
const offPairs = ({ pairs }: VerificationReport) =>
  pairs.filter(({ verdict }) => verdict === "off").map(({ from, to }) => `${from} → ${to}`);

test("a lab that is as its file says is found to be so, in every property that the file speaks of", async () => {
  const report = await verify();
  assert.equal(report.verdict, "ok", text(report));
  assert.equal(report.pairsMeasured, 20);
  const checks = (from: string, to: string) =>
    report.pairs.find((pair) => pair.from === from && pair.to === to)!.checks;
  assert.ok(checks("gen", "near").lossRatio!.measured! > 0);
  assert.ok(checks("near", "gen").duplicateRatio!.measured! > 0);
  assert.ok(checks("near", "gen").corruptRatio!.measured! > 0);
  assert.ok(checks("gen", "far").jitterMs!.measured! > 2);
  assert.equal(checks("gone", "gen").silence!.measured, 0);
  const rates = [checks("slow", "near"), checks("near", "slow"), checks("far", "near")].map(
    ({ rateBitsPerSecond }) => Math.round(rateBitsPerSecond!.measured! / 1e6),
  );
  assert.deepEqual(rates, [10, 40, 2]);
  assert.ok(report.pairs.some(({ checks: { delay6Ms } }) => delay6Ms?.verdict === "ok"));
});

test("an impairment is expected while it is in force, and with --plain found at the pair that it hits", async () => {
  const change = { delayMs: 12, loss: { model: "random" as const, ratio: 0.3 } };
  const rules = [
    { from: ["near"], to: ["slow"], change },
    { from: ["far"], to: ["near"], change: { rateBitsPerSecond: 3e6 } },
  ];
  await lab.keeper.ask("POST /impose", { name: "storm", rules });
  try {
    const expected = await verify();
    assert.equal(expected.verdict, "ok", text(expected));
    assert.deepEqual(expected.impairments, [{ name: "storm", expected: true }]);

    const plain = await verify({ plain: true });
    assert.equal(plain.verdict, "off");
    // The way back shares the round trip.
    assert.deepEqual(offPairs(plain).sort(), ["far → near", "near → slow", "slow → near"], text(plain));
    const [worst] = plain.pairs;
    assert.deepEqual([worst?.from, worst?.to], ["near", "slow"]);
    assert.deepEqual([worst?.checks.delayMs?.verdict, worst?.checks.lossRatio?.verdict], ["off", "off"]);

    const rate = plain.pairs.find(({ from, to }) => from === "far" && to === "near")!.checks
      .rateBitsPerSecond!;
    assert.deepEqual([rate.asked, Math.round(rate.measured! / 1e5)], [2e6, 30]);

    const words = ["verify", "verified", "--plain", "--seconds", "1", "--format", "json"];
    const run = spawnSync(brume, words, {
      env: { ...process.env, BRUME_STATE: labs.root },
      encoding: "utf8",
    });
    assert.equal(run.status, 1, run.stderr);
    const document = JSON.parse(run.stdout) as VerificationReport;
    assert.deepEqual([document.lab, document.verdict, document.pairs.length], ["verified", "off", 20]);
  } finally {
    await lab.keeper.ask("POST /lift", { name: "storm" });
  }
});

test("a sample says how many of how many it measured", async () => {
  const report = await verify({ pairs: 6, seconds: 1 });
  assert.deepEqual([report.pairsMeasured, report.pairsOfAll, report.coverage.nodes], [6, 20, 5]);
});

test("pairs of a node that is down are not measured, and the report names the node", async () => {
  await lab.node("gone").crash();
  try {
    const report = await verify({ seconds: 1 });
    assert.equal(report.pairsMeasured, 12);
    assert.deepEqual(report.unmeasuredNodes, [{ name: "gone", why: "it is down" }]);
  } finally {
    await lab.node("gone").start();
  }
});
