import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { analyse } from "./analysis.ts";
import type { Manifest } from "./record/documents.ts";
import { readRun } from "./record/read-run.ts";
import { ladder, type MadeRun, ramp, writeRun } from "./record-for-tests.ts";

const root = mkdtempSync(join(tmpdir(), "brume-analysis-"));
after(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
async function analysed(...made: MadeRun[]) {
  const own = join(root, String(count++));
  return analyse(await Promise.all(made.map((each) => readRun(writeRun(own, each)))));
}

/** A run that was measured, with what models had said of it. */
async function measured(name: string, lines: readonly object[]) {
  const folder = join(root, "measured", name);
  mkdirSync(folder, { recursive: true });
  const all = lines.map((line) => `${JSON.stringify({ is: "mst", t: 1000, ...line })}\n`).join("");
  writeFileSync(join(folder, "decisions.jsonl"), all);
  return await readRun(folder);
}
const on = (...nodes: string[]) => ({ seats: nodes.map((node) => ({ node, share: 1 / nodes.length })) });

test("repeats of one configuration are one point: the median, between the ends of all intervals", async () => {
  const runs = [
    await measured("far.1", [{ configuration: on("a", "b"), mst: 100, low: 95, high: 104 }]),
    await measured("far.2", [{ configuration: on("b", "a"), mst: 110, low: 101, high: 119 }]),
    await measured("far.3", [
      { configuration: on("a", "b"), mst: 102 },
      { configuration: on("a", "c"), mst: 90 },
    ]),
  ];
  const [far, ...others] = analyse(runs).throughput;
  assert.deepEqual(others, []);
  assert.deepEqual(
    far?.points.map(({ nodes, mst, low, high, repeats }) => [nodes.join(), mst, low, high, repeats.length]),
    [
      ["a,b", 102, 95, 119, 3],
      ["a,c", 90, 90, 90, 1],
    ],
  );
});

test("errors are relative to what was measured, with sign for the bias, and count intervals that held", async () => {
  const told = (mst: number, low: number, high: number) => ({ good: { mst, low, high }, silent: {} });
  const run = await measured("errors.1", [
    { configuration: on("a"), mst: 100, predictions: told(110, 105, 115) },
    { configuration: on("a", "b"), mst: 200, predictions: told(190, 180, 210) },
    { configuration: on("a", "b", "c"), mst: 400, predictions: told(480, 300, 500) },
  ]);
  const [summary, ...others] = analyse([run]).predictionErrors;
  assert.deepEqual(others, []);
  assert.equal(summary?.model, "good");
  assert.equal(summary?.count, 3);
  assert.ok(Math.abs(summary!.median - 0.1) < 1e-12);
  assert.ok(Math.abs(summary!.p95 - 0.2) < 1e-12);
  assert.ok(Math.abs(summary!.bias - (0.1 - 0.05 + 0.2) / 3) < 1e-12);
  assert.ok(Math.abs(summary!.inside! - 2 / 3) < 1e-12);
});

test("with several conditions the errors are summarised over all and for each, the best model first", async () => {
  const { predictionErrors, throughput } = await analysed(ladder, { ...ladder, condition: "near", farMs: 0 });
  assert.deepEqual(
    throughput.map(({ group }) => group),
    ["far-25ms", "near"],
  );
  assert.deepEqual(
    predictionErrors.slice(0, 3).map(({ model, group }) => [model, group]),
    [
      ["roofline", undefined],
      ["roofline", "far-25ms"],
      ["roofline", "near"],
    ],
  );
  assert.equal(predictionErrors.length, 15);
});

test("every rescale is a decision with its reason and what came of it", async () => {
  const { runs } = await analysed(ramp);
  const { decisions, parallelism, model } = runs[0]!.timeline;
  assert.equal(model, "roofline");
  assert.deepEqual(
    decisions.map(({ from, to, outcome, standStillMs }) => [from, to, outcome, standStillMs]),
    [
      [1, 2, "done", 420],
      [2, 3, "done", 420],
      [3, 4, "done", 420],
    ],
  );
  assert.match(decisions[1]!.because, /dsp2 is 25 ms away/);
  assert.deepEqual(
    parallelism.map((step) => step.parallelism),
    [1, 2, 3, 4],
  );
});

test("a run that was killed has its figures from its lines, and says that it was not finished", async () => {
  const [whole, killed] = [
    await analysed({ ...ramp, policy: "threshold" }),
    await analysed({ ...ramp, policy: "threshold", killedAfter: 179 }),
  ];
  const { outcome, figures, alarms } = killed.runs[0]!;
  assert.equal(outcome, "interrupted");
  assert.match(alarms.join(), /not finished/);
  const near = (value: number | undefined, other: number | undefined, share: number) =>
    assert.ok(Math.abs(value! - other!) <= share * other!, `${value} against ${other}`);
  const expected = whole.runs[0]!.figures;
  near(figures.meanTaken, expected.meanTaken, 0.01);
  near(figures.nodeSeconds, expected.nodeSeconds, 0.02);
  near(figures.backlogSeconds, expected.backlogSeconds, 0.1);
  assert.equal(figures.rescales, 3);
});

test("of a run that was killed, the time before its first line counts for nothing", async () => {
  const folder = join(root, "late", "late.1");
  mkdirSync(folder, { recursive: true });
  const line = { state: "restarting", parallelism: 3, lagMs: 0 };
  const lines = [4_000, 5_000, 6_000].map((t) => `${JSON.stringify({ t, ...line })}\n`);
  writeFileSync(join(folder, "metrics.jsonl"), lines.join(""));
  const { nodeSeconds, backlogSeconds } = analyse([await readRun(folder)]).runs[0]!.figures;
  assert.deepEqual([nodeSeconds, backlogSeconds], [6, 2]);
});

test("records of one name from different folders have names of their own, and are no repeats of each other", async () => {
  const made = [1, 2].map((repeat) => ({ ...ladder, repeat, seed: repeat }));
  const [one, other] = await Promise.all(
    ["one", "other"].map((place) =>
      Promise.all(made.map((each) => readRun(writeRun(join(root, "places", place), each)))),
    ),
  );
  const { runs, groups, throughput, predictions } = analyse([...one!, ...other!]);
  assert.deepEqual(
    runs.map(({ run }) => run),
    ["far-25ms.1 (one)", "far-25ms.2 (one)", "far-25ms.1 (other)", "far-25ms.2 (other)"].map(
      (name) => `ladder/${name}`,
    ),
  );
  const expected = ["far-25ms (one)", "far-25ms (other)"];
  assert.deepEqual(
    groups.map(({ group, runs: count }) => [group, count]),
    expected.map((name) => [name, 2]),
  );
  assert.deepEqual(
    throughput.map(({ group, points }) => [group, points[0]!.repeats.length]),
    expected.map((name) => [name, 2]),
  );
  assert.deepEqual([...new Set(predictions.map(({ group }) => group))], expected);
});

test("runs of one folder that call themselves the same have their own folder's name with them", async () => {
  const lines = [{ configuration: on("a"), mst: 1 }];
  const runs = [await measured("twin.1", lines), await measured("twin.1-copy", lines)];
  const names = analyse(runs.map((run) => ({ ...run, run: "twin.1" }))).runs.map(({ run }) => run);
  assert.deepEqual(names, ["measured/twin.1 (twin.1)", "measured/twin.1 (twin.1-copy)"]);
});

test("links that were not as asked are the first alarm, and links that nobody verified are one too", async () => {
  const off = await analysed({ ...ramp, verdict: "off" });
  assert.match(off.runs[0]!.alarms[0]!, /not as asked .*4 of the 20 pairs/);
  assert.equal(off.runs[0]!.links?.properties.find(({ property }) => property === "delayMs")?.off, 4);
  const { runs } = analyse([await measured("bare.1", [{ configuration: on("a"), mst: 1 }])]);
  assert.match(runs[0]!.alarms.join(), /were not verified/);
});

test("runs of different policies are compared by medians and extremes of their repeats", async () => {
  const { groups } = await analysed(
    ...["roofline", "threshold"].flatMap((policy) =>
      [1, 2, 3].map((repeat) => ({ ...ramp, condition: policy, policy, repeat, seed: repeat })),
    ),
  );
  assert.deepEqual(
    groups.map(({ group, policy, runs }) => [group, policy, runs]),
    [
      ["roofline", "roofline", 3],
      ["threshold", "threshold", 3],
    ],
  );
  const [ours, theirs] = groups.map(({ figures }) => figures.backlogSeconds!);
  assert.equal(ours!.high, 0);
  assert.ok(theirs!.low > 10 && theirs!.low <= theirs!.median && theirs!.median <= theirs!.high);
});

test("seats that come and go have cells only while they are there", async () => {
  const { rows, binMs } = (await analysed(ramp)).runs[0]!.seats;
  assert.deepEqual(
    rows.map(({ seat }) => seat),
    ["dsp1", "dsp2", "dsp3", "dsp4"],
  );
  assert.ok(rows[0]!.cells.length > rows[3]!.cells.length);
  assert.equal(rows[3]!.cells[0]!.fromT, Math.floor(128_000 / binMs) * binMs);
  for (const { means } of rows)
    assert.ok(Math.abs(means.busy! + means.backpressured! + means.idle! - 1) < 1e-6);
});

test("estimates of round trips are judged over all, and become better as they learn", async () => {
  const { roundTrips } = (await analysed(ramp)).runs[0]!;
  assert.equal(roundTrips?.count, 360);
  assert.ok(roundTrips!.overTime[0]!.median > 3 * roundTrips!.overTime.at(-1)!.median);
  assert.ok(
    roundTrips!.errors.median < roundTrips!.errors.p90 && roundTrips!.errors.p90 < roundTrips!.errors.worst,
  );
});

test("a run is told in words", async () => {
  const [ramped, climbed] = [await analysed(ramp), await analysed(ladder)];
  const text = ramped.runs[0]!.story.join(" ");
  assert.match(text, /windowed-join was asked for between 400\/s and 1,900\/s under the condition far-25ms/);
  assert.match(text, /3 rescales took it from 1 seat to 4, for which it stood still 1\.26 s in all/);
  assert.match(text, /There was no backlog; half of the records took less than/);
  assert.match(
    climbed.runs[0]!.story.join(" "),
    /Of 6 configurations the maximum was measured .* median errors: roofline/,
  );
});

function withAutoscaler(manifest: Manifest, more: object): Manifest {
  const { plan } = manifest;
  return { ...manifest, plan: { ...plan, autoscaler: { ...plan?.autoscaler, ...more } } } as Manifest;
}

test("words of a run keep to its job's time, claim no more than all, and no model for what goes by none", async () => {
  const folder = writeRun(join(root, "words"), { ...ramp, policy: "threshold" });
  const made = await readRun(folder);
  const { summary: _, ...told } = made;
  const run = {
    ...told,
    manifest: withAutoscaler(made.manifest!, { dryRun: true }),
    // The job began after 8 s; and what is taken is known a second late.
    metrics: made.metrics.map((line) => ({ ...line, t: line.t + 8_000, taken: (line.asked ?? 0) + 20 })),
  };
  const text = analyse([run]).runs[0]!.story.join(" ");
  assert.match(text, /on average over 2 min 59 s, all of what was asked\./);
  assert.match(
    text,
    /The policy threshold decided, with 1 to 4 seats of join;.*; nothing of it was done, in a/,
  );
});

test("runs of an experiment that sweeps nothing are repeats too, and one alone is called by its number", async () => {
  const runs = [
    await measured("1", [{ configuration: on("a"), mst: 100 }]),
    await measured("2", [{ configuration: on("a"), mst: 110 }]),
  ];
  const of = (some: typeof runs) =>
    analyse(some).throughput.map(({ group, points }) => [group, points[0]?.mst]);
  assert.deepEqual(of(runs), [["all runs", 105]]);
  assert.deepEqual(of(runs.slice(1)), [["run 2", 110]]);
});
