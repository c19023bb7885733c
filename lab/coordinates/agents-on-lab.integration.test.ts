import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { networkView } from "#autoscaler/network-view.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { type AgentsOnLab, startAgentsOnLab } from "./agents-on-lab.ts";
import type { NetworkReport } from "./network-report.ts";

const labs = new TestLabs();
const lab = await labs.open(`
name: agents-on-lab
fabric: wire
defaults: { device: none }
nodes: { "near[1-4]": {}, "far[1-4]": {} }
network: { pairs: [ { from: "near[1-4]", to: "far[1-4]", delay: 25ms } ] }
`);
const names = lab.nodeNames();
const reports: NetworkReport[] = [];
const lines: string[] = [];
let agents: AgentsOnLab | undefined;
after(async () => {
  await agents?.end();
  await labs.end();
});

const rttMs = (one: string, other: string) => networkView(agents!.table()).pair(one, other)?.rttMs;
const moved = () => reports.flatMap(({ moves }) => moves);
/** What a busy machine adds now and then; far more than it adds mostly. */
const noiseMs = 3;
const isAbout = (told: number | undefined, asked: number) =>
  told !== undefined && Math.abs(told - asked) < noiseMs;

async function until(what: string, isSo: () => boolean, patienceMs = 45_000): Promise<number> {
  const startMs = performance.now();
  while (!isSo()) {
    assert.ok(performance.now() - startMs < patienceMs, `${what}: not yet; ${lines.join("\n")}`);
    await sleep(50);
  }
  return performance.now() - startMs;
}

const isFar = (name: string) => name.startsWith("far");
const pairs = names.flatMap((one, index) => names.slice(index + 1).map((other) => [one, other] as const));
const asked = (one: string, other: string) => (isFar(one) === isFar(other) ? 0.1 : 25.1);

test("every pair is known as it is, measured and estimated", async () => {
  agents = await startAgentsOnLab(lab, {
    ...{ algorithm: "brume", seed: 1, everyMs: 250 },
    log: (line) => lines.push(line),
  });
  agents.onReport((report) => reports.push(report));
  await until("all pairs measured", () =>
    pairs.every(([one, other]) => isAbout(rttMs(one, other), asked(one, other))),
  );
  await until("all pairs estimated", () => {
    const view = networkView(agents!.estimated());
    return pairs.every(([one, other]) => {
      const told = view.pair(one, other)?.rttMs;
      return told !== undefined && Math.abs(told - asked(one, other)) < noiseMs + 0.15 * asked(one, other);
    });
  });
  assert.deepEqual(lines, []);
});

test("a node that moves away is noticed within seconds, and is back when it is", async () => {
  const others = names.filter((name) => name !== "near2");
  const isKnown = (extraMs: number) =>
    others.every((name) => isAbout(rttMs("near2", name), asked("near2", name) + extraMs));
  const known = () => reports.flatMap(({ pairs }) => pairs).filter(({ from }) => from === "near2").length;
  await until("it has seen each of them some times", () => known() > 4 * others.length);
  reports.length = 0;
  await lab.keeper.ask("POST /impose", {
    name: "away",
    rules: [{ from: ["near2"], to: others, change: { delayMs: 40 } }],
  });
  const isMoved = () => moved().some(({ node, byMs }) => node === "near2" && byMs > 10);
  const noticedMs = await until("the move", isMoved);
  assert.ok(noticedMs < 15_000, `noticed after ${noticedMs} ms`);
  // 40 ms take the place of what there was on the way there.
  await until("every path of it", () => others.every((name) => isAbout(rttMs("near2", name), 40.1)));
  await lab.keeper.ask("POST /lift", { name: "away" });
  await until("the way back", () => isKnown(0));
});

test("a node that crashed is not told of, and one that came back is measured anew by all", async () => {
  await lab.keeper.ask("POST /act", { node: "far3", action: "crash" });
  await until("its absence", () => !agents!.table().nodes.includes("far3"));
  await lab.keeper.ask("POST /act", { node: "far3", action: "start" });
  await until("its presence", () =>
    names.every((name) => name === "far3" || isAbout(rttMs("far3", name), asked("far3", name))),
  );
});

test("a node that stands still neither speaks nor is forgotten", async () => {
  await lab.keeper.ask("POST /act", { node: "far4", action: "pause" });
  await until("its silence", () => reports.splice(0).some(({ nodes }) => Object.keys(nodes).length === 7));
  assert.ok(isAbout(rttMs("near1", "far4"), 25.1));
  await lab.keeper.ask("POST /act", { node: "far4", action: "resume" });
  await until("its word", () => reports.splice(0).some(({ nodes }) => nodes.far4 !== undefined));
});
