import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { withFarNodes } from "#testbed/far-nodes-for-tests.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { KernelClocks } from "#testbed/linux/kernel-clocks.ts";
import type { Lab } from "#testbed/open-lab.ts";
import { offsetOf } from "./machine-clocks.ts";
import { type MeasuringEdges, measure } from "./measure.ts";
import type { ProberProcess } from "./prober-process.ts";
import type { VerificationReport } from "./report.ts";
import { startProbers } from "./start-probers.ts";
import { reportText } from "./table.ts";
import { defaultPairs, verifyLab } from "./verify-lab.ts";

const labs = new TestLabs();
let lab: Lab;

before(async () => {
  lab = await labs.open(`
name: far
defaults: { device: none }
nodes: { near: {}, also: {}, pi1: {}, pi2: {} }
network:
  access:
    pi2: { up: 10Mbit/s, down: 40Mbit/s }
  pairs:
    - { from: near, to: pi1, delay: 5ms, loss: 5% }
    - { from: pi1, to: near, delay: 15ms, duplicate: 5% }
    - { from: "*", to: pi2, delay: 25ms }
    - { from: pi1, to: also, delay: 25ms, jitter: 4ms }
    - { from: pi2, to: pi1, corrupt: 5% }
    - { from: also, to: pi1, cut: true }
`);
});
after(async () => {
  await labs.end();
});

const nowMs = () => performance.now();

/** With those nodes probed as if they were on machines of their own. */
async function verify(far: readonly string[], node?: Lab["node"]): Promise<VerificationReport> {
  const seen = withFarNodes(lab, far);
  if (node) seen.node = node;
  const edges = { progress: () => undefined, now: () => new Date(), nowMs };
  try {
    return await verifyLab(seen, { pairs: defaultPairs, seed: 1, seconds: 3 }, edges);
  } finally {
    seen.keeper.close();
  }
}

/** A fabric that says of itself that it was late, on a machine that others keep busy, is no fault of who measures it. */
async function verifyInTime(far: readonly string[]): Promise<VerificationReport> {
  for (let trial = 1; ; trial++) {
    const report = await verify(far);
    if (report.verdict === "ok" || report.lateNow === undefined || trial === 5) return report;
  }
}

const text = (report: VerificationReport) => reportText(report, { worst: 50, full: true });
const checksOf = ({ pairs }: VerificationReport, from: string, to: string) =>
  pairs.find((pair) => pair.from === from && pair.to === to)!.checks;

test("nodes with probers of their own are found to be as asked, in every property, as with one prober for all", async () => {
  const [one, several] = [await verifyInTime([]), await verifyInTime(["pi1", "pi2"])];
  assert.equal(one.verdict, "ok", text(one));
  assert.equal(several.verdict, "ok", text(several));
  assert.equal(several.pairsMeasured, one.pairsMeasured);
  assert.equal(several.probesSent, one.probesSent);
  const measured = (report: VerificationReport) => [
    checksOf(report, "near", "pi1").lossRatio!.measured! > 0,
    checksOf(report, "pi1", "near").duplicateRatio!.measured! > 0,
    checksOf(report, "pi2", "pi1").corruptRatio!.measured! > 0,
    checksOf(report, "pi1", "also").jitterMs!.measured! > 2,
    checksOf(report, "also", "pi1").silence!.measured,
    checksOf(report, "pi2", "near").rateBitsPerSecond!.verdict,
    checksOf(report, "pi1", "pi2").rateBitsPerSecond!.verdict,
    report.pairs.some(({ checks: { delay6Ms } }) => delay6Ms?.verdict === "ok"),
  ];
  assert.deepEqual(measured(one), [true, true, true, true, 0, "ok", "ok", true]);
  assert.deepEqual(measured(several), measured(one));
  for (const [from, to] of [
    ["near", "pi1"],
    ["pi1", "near"],
    ["near", "also"],
  ] as const) {
    const [local, far] = [one, several].map((report) => checksOf(report, from, to).delayMs!.measured!);
    assert.ok(Math.abs(local! - far!) < 0.3, `${from} → ${to}: ${local} and ${far} ms`);
  }
  assert.deepEqual(several.unmeasuredNodes, []);
});

test("a node whose prober cannot be started is named with the reason, and the others are measured", async () => {
  const report = await verify(["pi2"], (name) => {
    const node = lab.node(name);
    return Object.assign(Object.create(node) as typeof node, {
      spawn: () => node.spawn(["/no/such/program"]),
      runtime: () => node.runtime(),
    });
  });
  assert.equal(report.pairsMeasured, 6);
  const [unmeasured] = report.unmeasuredNodes;
  assert.equal(unmeasured?.name, "pi2");
  assert.match(unmeasured!.why, /the prober of pi2 did not finish: .*no such program|not found/i);
});

const clocks = new KernelClocks();

async function withProbers(
  far: readonly string[],
  work: (probers: readonly ProberProcess[], edges: MeasuringEdges) => Promise<void>,
): Promise<void> {
  const { keeper } = withFarNodes(lab, far);
  const nowNs = () => clocks.realTimeNs();
  const edges = { progress: () => undefined, nowNs };
  const { nodes, pid } = await keeper.ask("GET /status");
  const place = { rootless: lab.identity.rootless, keeperPid: pid };
  const { probers } = await startProbers(nodes, place, (name) => lab.node(name), edges);
  try {
    const own = { bootId: probers[0]!.hello.bootId, baseSecond: clocks.baseSecond, nowMs };
    await work(probers, { ...edges, own });
  } finally {
    await Promise.all(probers.map((prober) => prober.end()));
    keeper.close();
  }
}

test("the offset of a prober's clock lies within its bounds: of the same clock, it is none", async () => {
  await withProbers(["pi1"], async (probers) => {
    const far = probers.find(({ name }) => name === "pi1")!;
    const exchanges = [];
    while (exchanges.length < 40) exchanges.push(await far.exchange());
    const { offsetNs, uncertaintyNs } = offsetOf(exchanges);
    const apartNs = offsetNs - (clocks.baseSecond - far.hello.baseSecond) * 1e9;
    assert.ok(Math.abs(apartNs) <= uncertaintyNs, `${apartNs} ± ${uncertaintyNs} ns`);
  });
});

test("delays to a machine with a clock of its own are right within what is told of the clocks", async () => {
  await withProbers(["pi1"], async (probers, edges) => {
    const far = probers.findIndex(({ name }) => name === "pi1");
    // From here on its clock is taken for another one, and has to be found.
    probers[far]!.hello.bootId = "another machine's";
    const { nodes } = await lab.keeper.ask("GET /status");
    const [near, pi1] = ["near", "pi1"].map((name) => nodes.find((node) => node.name === name)!);
    const bytes = (name: string) => lab.node(name).address.v4.split(".").map(Number);
    const job = {
      ...{ seed: 1, windowMs: 500, patienceMs: 60, trains: [], repeatsMs: 0 },
      endpoints: [{ v4: bytes("near") }, { v4: bytes("pi1") }],
      couples: [{ a: 0, b: 1, family: 4 as const, count: 200 }],
    };
    const places = [{ endpoint: 0, namespacePath: near!.namespacePath! }, { endpoint: 1 }];
    assert.ok(pi1);
    const parts = probers.map((prober, index) => ({ prober, here: [places[index === far ? 1 : 0]!] }));
    const { couples, remarks } = await measure(job, parts, edges);
    const { forward, back, roundTripMs } = couples[0]!;
    const allowedMs = 0.3 + forward.clockUncertaintyMs!;
    assert.ok(Math.abs(forward.oneWayMs!.median - 5) < allowedMs, `${forward.oneWayMs!.median} ms there`);
    assert.ok(Math.abs(back.oneWayMs!.median - 15) < allowedMs, `${back.oneWayMs!.median} ms back`);
    assert.ok(Math.abs(roundTripMs!.median - 20) < 0.6, `${roundTripMs!.median} ms`);
    assert.match(remarks.join("\n"), /clocks are, which is allowed for: pi1 ±/);
  });
});
