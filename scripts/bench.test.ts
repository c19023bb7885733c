/** `./brume bench`: what it refuses, and what its report says; the measuring itself is tested in testbed/devices. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { calibrate } from "#testbed/devices/calibrate.ts";
import { parseArguments } from "./arguments.ts";
import { bench } from "./bench.ts";
import { deviceReport, type Row } from "./device-report.ts";
import type { Output } from "./verb.ts";

const silent: Output = { json: false, progress: () => {}, result: () => assert.fail("no result was due") };
const run = (...words: string[]) => bench.run(parseArguments(bench, words), silent);

test("bench without a benchmark, with an unknown one or with an option of another one is refused", async () => {
  await assert.rejects(run(), /WHAT is missing\n {2}fix: one of: .*device/);
  await assert.rejects(run("warp"), /bench warp: there is no such benchmark/);
  await assert.rejects(run("device", "pi4b"), /takes no pi4b/);
  await assert.rejects(run("device", "--cores", "1"), /bench device: has no option --cores/);
});

test("bench device refuses contradicting options and bad names before it measures anything", async () => {
  await assert.rejects(run("device", "--class", "pi9"), /device class pi9: there is none/);
  await assert.rejects(run("device", "--print-class", "x", "--class", "pi5"), /exclude each other/);
  await assert.rejects(run("device", "--print-class", "My Board"), /not a name for a class/);
});

test("benchmarks of the engine refuse what makes no sense before they start anything", async () => {
  await assert.rejects(
    run("rescale", "--steps", "2-3,4"),
    /--steps 2-3,4: 4 is no step\n {2}fix: for example/,
  );
  await assert.rejects(run("rescale", "--steps", "0-1"), /0-1 is no step/);
  await assert.rejects(
    run("rescale", "--mode", "sideways"),
    /--mode sideways: .*\n.*aligned, unaligned, both/,
  );
  await assert.rejects(run("rescale", "--rate", "20k"), /is not a rate/);
  await assert.rejects(run("nexmark", "--events", "0"), /--events 0: without end\n {2}fix: /);
  await assert.rejects(
    run("nexmark", "--queries", "q99"),
    /--queries q99: .*\n {2}fix: one of: q0, .*q4, .*q12, map, join$/,
  );
  await assert.rejects(run("worker", "--store", "s3"), /--store s3: .*\n.*folder, minio/);
  await assert.rejects(run("slow-consumer", "--minutes", "0"), /--minutes 0: not a whole number/);
});

const flat = (score: number) => ({ integer: score, float: score, memory: score, json: score });
const facts = { cpu: "CPU", cores: 2, memoryBytes: 2 ** 33, runtime: "Node", availableShare: 1 };
const calibration = calibrate(
  { cores: 2, memoryBytes: 2 ** 33, scores: flat(100) },
  { name: "pi4b", cores: 4, memoryBytes: 2 ** 32, scores: flat(60) },
);
const row: Row = {
  kernel: "integer",
  unit: "Mround/s",
  here: 100,
  capped: 57,
  device: 60,
  ratio: 0.95,
  error: -0.05,
  expectedError: 0,
  basis: "measured",
};

test("the report shows here, capped and device beside each other, the quota, and what the machine cannot give", () => {
  const capped = { enforced: true as const, measured: { byCpu: flat(95), byWall: flat(57) }, usedCores: 0.6 };
  const text = deviceReport({ machine: facts, device: "pi4b", rows: [row], cores: 0.6, capped, calibration });
  assert.match(text, /integer {2}Mround\/s {3}100 {4}57\.0 {2}60\.0 {3}0\.95 {3}-5 %/);
  assert.match(text, /quota: 0\.600 cores of this machine for one core of a pi4b, 2\.000 for a whole one/);
  assert.match(text, /cannot be enforced here: a pi4b needs 2\.40 cores/);
  assert.doesNotMatch(text, /other work/);
});

test("the report says when the quota was refused and when the machine was busy", () => {
  const { capped: _, ratio: __, error: ___, ...bare } = row;
  const refused = { enforced: false as const, reason: "/cg/cpu is not writable" };
  const machine = { ...facts, availableShare: 0.5 };
  const text = deviceReport({
    machine,
    device: "pi4b",
    rows: [bare],
    cores: 0.6,
    capped: refused,
    calibration,
  });
  assert.match(text, /the quota could not be enforced: \/cg\/cpu is not writable/);
  assert.match(text, /the kernels got 50 % of a core here/);
});
