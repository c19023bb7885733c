import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHTML } from "linkedom";
import type { Timeline } from "../figures/timeline.ts";
import { rateShown, timelinePlots } from "./timeline-plot.ts";

const line = (values: readonly number[]) => ({
  bins: values.map((value, index) => ({ t: (index + 1) * 1000, low: value, mean: value, high: value })),
});

const timeline = (part: Partial<Timeline>): Timeline => ({
  untilT: 100_000,
  asked: line([]),
  taken: line([]),
  lagMs: line([]),
  sourceBackpressured: line([]),
  parallelism: [],
  predicted: [],
  measured: [],
  decisions: [],
  stays: [],
  events: [],
  ...part,
});

test("what is asked to saturate a job does not flatten what it takes", () => {
  const near = (value: number, expected: number) =>
    assert.ok(Math.abs(value - expected * 1.05) < 1e-9, `${value}`);
  near(rateShown(timeline({ asked: line([1200]), taken: line([1000]) })), 1200);
  near(rateShown(timeline({ asked: line([1_000_000]), taken: line([1000]) })), 2500);
  near(rateShown(timeline({ taken: line([1000]), predicted: [{ t: 1, mst: 9000 }] })), 2500);
  near(rateShown(timeline({ asked: line([300]) })), 300);
});

/** Of a path of straight lines. */
const pointsOf = (path: { getAttribute(name: string): string | null }): [x: number, y: number][] =>
  [...(path.getAttribute("d") ?? "").matchAll(/([MLHV])([-\d.]+)(?:,([-\d.]+))?/g)].reduce<
    [number, number][]
  >((points, [, command, first, second]) => {
    const [x, y] = points.at(-1) ?? [0, 0];
    const at = Number(first);
    points.push(command === "H" ? [at, y] : command === "V" ? [x, at] : [at, Number(second)]);
    return points;
  }, []);

test("what a model promises beyond the frame runs along its top, with its whole interval", () => {
  const predicted = [10_000, 90_000].map((t) => ({ t, mst: 9000, low: 8000, high: 9500 }));
  const [rates] = timelinePlots(timeline({ taken: line([1000]), model: "ds2", predicted }), []);
  const { document } = parseHTML(rates!);
  const heights = [...document.querySelectorAll("path")].flatMap(pointsOf).map(([, y]) => y);
  assert.ok(heights.length > 4 && Math.min(...heights) >= 40, `${heights}`);
});

test("seats are drawn from when they were held, not from the run's start", () => {
  const parallelism = [
    { t: 50_000, parallelism: 1 },
    { t: 80_000, parallelism: 2 },
  ];
  const [seats] = timelinePlots(timeline({ parallelism }), []);
  const { document } = parseHTML(seats!);
  const label = document.querySelector("svg")!.getAttribute("aria-label");
  assert.match(label ?? "", /Parallelism over time: 1, then 2 seats/);
  const [first] = [...document.querySelectorAll("path")].map(pointsOf).filter(({ length }) => length > 2);
  const width = Number(document.querySelector("svg")!.getAttribute("viewBox")!.split(" ")[2]);
  assert.ok(first![0]![0] > width * 0.4, `${first} of ${width}`);
});

test("decisions close together all have their rule, and only as many numbers as there is room for", () => {
  const decisions = Array.from({ length: 200 }, (_, index) => ({
    number: index + 1,
    t: index * 500,
    nodes: [],
    because: "",
  }));
  const [rates] = timelinePlots(timeline({ asked: line([10]), decisions }), []);
  const { document } = parseHTML(rates!);
  const badges = [...document.querySelectorAll("circle")].map((circle) => Number(circle.getAttribute("cx")));
  assert.ok(badges.length > 20 && badges.length < 60, `${badges.length}`);
  for (const [index, place] of badges.entries()) assert.ok(index === 0 || place - badges[index - 1]! >= 17);
  assert.ok(document.querySelectorAll("line").length >= decisions.length);
});

test("a lane of very many checkpoints stays light, and those that failed stand out", () => {
  const checkpoints = Array.from({ length: 3000 }, (_, index) => ({
    t: index * 30 + 20,
    checkpoint: index,
    kind: "checkpoint",
    outcome: index === 1500 ? "failed" : "completed",
    because: undefined,
    startedT: index * 30,
    durationMs: 20,
    bytes: 1,
    alignmentMs: undefined,
  }));
  const lanes = timelinePlots(timeline({ asked: line([10]) }), checkpoints).at(-1)!;
  assert.ok(lanes.length < 60_000, `${lanes.length}`);
  assert.match(lanes, /<title>checkpoint failed: 20 ms<\/title>/);
});
