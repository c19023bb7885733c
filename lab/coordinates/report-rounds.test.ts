import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetworkReport } from "./network-report.ts";
import { ReportRounds } from "./report-rounds.ts";

const move = (node: string) => ({ node }) as NetworkReport["moves"][number];
const report = (node: string, cpuMs: number): NetworkReport => ({
  ...{ nodes: {}, pairs: [], moves: [move(node)] },
  cost: { cpuMs, residentBytes: 100 },
});

function rounds(places: readonly string[]) {
  const heard: NetworkReport[] = [];
  const all = new ReportRounds((each) => heard.push(each));
  all.expect(places);
  return { all, told: () => heard.map(({ moves, cost }) => [moves.map(({ node }) => node), cost.cpuMs]) };
}

test("a lone process is heard at once", () => {
  const { all, told } = rounds([""]);
  all.hear("", report("a", 1));
  all.hear("", report("a", 3));
  assert.deepEqual(told(), [
    [["a"], 1],
    [["a"], 3],
  ]);
});

test("several are heard together, with what all of them cost", () => {
  const { all, told } = rounds(["", "pi"]);
  all.hear("pi", report("pi", 1));
  assert.deepEqual(told(), []);
  all.hear("", report("a", 10));
  assert.deepEqual(told(), [[["pi", "a"], 11]]);
});

test("one that has fallen silent holds up nobody for longer than a round", () => {
  const { all, told } = rounds(["", "pi"]);
  all.hear("", report("a", 1));
  all.hear("", report("a", 2));
  assert.deepEqual(told(), [[["a"], 1]]);
  all.hear("pi", report("pi", 5));
  assert.deepEqual(told()[1], [["a", "pi"], 7]);
});

test("one that is gone costs nothing any more and is not waited for", () => {
  const { all, told } = rounds(["", "pi"]);
  all.hear("", report("a", 1));
  all.hear("pi", report("pi", 5));
  all.expect([""]);
  all.hear("", report("a", 2));
  assert.deepEqual(told(), [
    [["a", "pi"], 6],
    [["a"], 2],
  ]);
});
