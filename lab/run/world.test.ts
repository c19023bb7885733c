import assert from "node:assert/strict";
import { test } from "node:test";
import type { VerificationReport } from "#testbed/verify/report.ts";
import { planWith } from "./plan-for-tests.ts";
import { accessRates, worldOf } from "./world.ts";

const node = (name: string, role: string) => ({
  ...{ name, role, device: "pi4b", kind: "netns" as const, settings: {} },
});
const plan = planWith({});
const topology = {
  ...plan.topology,
  nodes: [node("gen", "generator"), node("a", "worker"), node("b", "worker"), node("c", "coordinator")],
  access: [{ node: "a", upBitsPerSecond: 100e6, downBitsPerSecond: 50e6 }],
};

test("the models are told of the workers alone, each with one seat, and of a speed only where it is known", () => {
  const { nodes, job } = worldOf({
    plan: { ...plan, topology },
    shape: { inputs: 2, joins: true, windowMs: 5_000 },
    ...{ sources: ["gen", "gen"], speeds: new Map([["a", 0.5]]), store: "c" },
  });
  assert.deepEqual(nodes, [
    { name: "a", device: "pi4b", slots: 1, speed: 0.5 },
    { name: "b", device: "pi4b", slots: 1 },
  ]);
  assert.deepEqual(
    [job.inputs, job.joins, job.windowMs, job.store, job.checkpointEveryMs, job.flushMs],
    [2, true, 5_000, "c", undefined, 1],
  );
});

const report = (
  checks: readonly [from: string, to: string, asked: number, measured: number, ok: boolean][],
) =>
  ({
    pairs: checks.map(([from, to, asked, measured, ok]) => ({
      ...{ from, to },
      checks: { rateBitsPerSecond: { asked, measured, verdict: ok ? "ok" : "off" } },
    })),
  }) as unknown as VerificationReport;

test("a node's own link carries what the topology says, as long as verification bears it out", () => {
  const asked = { up: { a: 100e6 }, down: { a: 50e6 } };
  assert.deepEqual(accessRates(topology, undefined), asked);
  assert.deepEqual(accessRates(topology, report([["a", "b", 100e6, 98e6, true]])), asked);
  const slow = report([
    ["a", "b", 100e6, 60e6, false],
    ["a", "gen", 100e6, 70e6, false],
    // Narrower somewhere else: that says nothing of the node's own link.
    ["gen", "a", 10e6, 5e6, false],
  ]);
  assert.deepEqual(accessRates(topology, slow), { up: { a: 70e6 }, down: { a: 50e6 } });
});
