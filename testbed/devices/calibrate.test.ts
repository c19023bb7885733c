/** Calibration is arithmetic on scores: known ratios in, known quotas and errors out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { calibrate, type Device, type Machine } from "./calibrate.ts";
import { kernelNames, type Scores } from "./kernels.ts";

const gigabyte = 2 ** 30;
const flat = (score: number): Scores => ({ integer: score, float: score, memory: score, json: score });
const machine = (scores: Scores, cores = 8): Machine => ({ cores, memoryBytes: 16 * gigabyte, scores });
const device = (scores: Scores): Device => ({ name: "pi4b", cores: 4, memoryBytes: 4 * gigabyte, scores });

test("a device of half the speed in everything gets half a core per core, with no residual", () => {
  const found = calibrate(machine(flat(100)), device(flat(50)));
  assert.equal(found.coreRatio.toFixed(9), "0.500000000");
  assert.equal(found.quotaCores.toFixed(9), "2.000000000");
  assert.equal(found.memoryBytes, 4 * gigabyte);
  for (const name of kernelNames) assert.ok(Math.abs(found.residuals[name]) < 1e-9);
  assert.deepEqual(found.shortfalls, []);
});

test("ratios that differ are met in their geometric mean, and the residual of each kernel says how it is off", () => {
  const found = calibrate(machine(flat(100)), device({ integer: 25, float: 100, memory: 50, json: 50 }));
  assert.equal(found.coreRatio.toFixed(9), "0.500000000");
  assert.equal(found.residuals.integer.toFixed(3), "1.000");
  assert.equal(found.residuals.float.toFixed(3), "-0.500");
  assert.equal(found.residuals.json.toFixed(3), "0.000");
});

test("a machine with too few cores gives what it has and says what share of the device that is", () => {
  const found = calibrate(machine(flat(100), 2), device(flat(80)));
  assert.equal(found.quotaCores, 2);
  assert.deepEqual(found.shortfalls, [
    "a pi4b needs 3.20 cores of this machine, which has 2: all cores together reach 63 % of the device",
  ]);
});

test("a machine with slower cores says that a single thread stays below the device", () => {
  const found = calibrate(machine(flat(100), 16), device(flat(125)));
  assert.equal(found.quotaCores.toFixed(6), "5.000000");
  assert.equal(found.shortfalls.length, 1);
  assert.match(found.shortfalls[0]!, /one core of this machine has 80 % of the speed of a core of a pi4b/);
});

test("a shortfall of an emulated core says that it is emulated", () => {
  const [said] = calibrate({ ...machine(flat(100), 16), emulates: true }, device(flat(125))).shortfalls;
  assert.match(said!, /one core of this machine, which emulates it, has 80 % of the speed/);
});

test("a machine with less memory than the device says so", () => {
  const small = { ...machine(flat(100)), memoryBytes: 2 * gigabyte };
  assert.deepEqual(calibrate(small, device(flat(50))).shortfalls, [
    "a pi4b has 4096 MiB of memory, this machine 2048 MiB",
  ]);
});

test("whatever the scores, the residuals balance out and the quota is above 0 and within the machine", () => {
  const scores = fc.record({
    integer: fc.double({ min: 1, max: 1e4, noNaN: true }),
    float: fc.double({ min: 1, max: 1e4, noNaN: true }),
    memory: fc.double({ min: 1, max: 1e4, noNaN: true }),
    json: fc.double({ min: 1, max: 1e4, noNaN: true }),
  });
  fc.assert(
    fc.property(scores, scores, fc.integer({ min: 1, max: 256 }), (here, there, cores) => {
      const { residuals, quotaCores } = calibrate(machine(here, cores), device(there));
      const balance = kernelNames.reduce((product, name) => product * (1 + residuals[name]), 1);
      return Math.abs(balance - 1) < 1e-6 && quotaCores > 0 && quotaCores <= cores;
    }),
  );
});
