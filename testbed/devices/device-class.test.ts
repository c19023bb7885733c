/** Device classes: the shipped files are whole, and a mistake in one is told with its place. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { UserError } from "#testbed/user-error.ts";
import { deviceClassNames, deviceOf, loadDeviceClass, parseDeviceClass } from "./device-class.ts";
import { kernelNames } from "./kernels.ts";

const whole = readFileSync(join(import.meta.dirname, "classes/pi4b.yaml"), "utf8");

test("the shipped classes are the three boards, and every figure says where it comes from", () => {
  assert.deepEqual(deviceClassNames(), ["pi3b", "pi4b", "pi5"]);
  for (const name of deviceClassNames()) {
    const { cores, clockMHz, memoryMiB, kernels } = loadDeviceClass(name);
    const sources = [cores, clockMHz!, memoryMiB, ...Object.values(kernels)].map(({ source }) => source);
    assert.ok(sources.every((source) => source.length >= 10));
    for (const kernel of kernelNames) assert.match(kernels[kernel].basis, /^(measured$|estimated from )/);
  }
});

test("a newer board is faster in every kernel", () => {
  const [pi3b, pi4b, pi5] = ["pi3b", "pi4b", "pi5"].map((name) => deviceOf(loadDeviceClass(name)).scores);
  for (const kernel of kernelNames) {
    assert.ok(pi3b![kernel] < pi4b![kernel] && pi4b![kernel] < pi5![kernel], kernel);
  }
});

const mistakes: readonly (readonly [claim: string, from: string | RegExp, to: string, message: RegExp])[] = [
  ["a score of zero", "score: 49.9", "score: 0", /^x\.yaml:18:12: kernels\.integer\.score: /],
  [
    "a missing source",
    /\n {2}source: "[^\n]*\(the clock held[^\n]*/,
    "",
    /^x\.yaml:10:3: clockMHz\.source: /,
  ],
  ["an unknown key", "name: pi4b", "name: pi4b\nturbo: yes", /^x\.yaml:5:8: turbo: Unrecognized key/],
  ["another unit", "unit: kstep/s", "unit: step/s", /^x\.yaml:26:11: kernels\.float\.unit: /],
  [
    "a basis that is neither",
    "estimated from 7-zip on one thread, total",
    "guessed from",
    /"measured" or "estimated from/,
  ],
  [
    "scores of other kernels",
    "kernelsRevision: 1",
    "kernelsRevision: 7",
    /^x\.yaml:15:18: kernelsRevision: /,
  ],
  ["text that is no YAML", "name: pi4b", "name: [pi4b", /^x\.yaml:\d+:\d+: /],
];
for (const [claim, from, to, message] of mistakes) {
  test(`${claim} is refused with file, line and column`, () => {
    const text = whole.replace(from, to);
    assert.notEqual(text, whole);
    assert.throws(
      () => parseDeviceClass(text, "x.yaml"),
      (error) => error instanceof UserError && error.exitStatus === 2 && message.test(error.message),
    );
  });
}

test("a class that is not there is refused with the names of those that are", () => {
  assert.throws(
    () => loadDeviceClass("pi9"),
    /device class pi9: there is none\n {2}fix: one of: pi3b, pi4b, pi5, none/,
  );
});

test("a file whose class has another name is refused", () => {
  const folder = `${mkdtempSync(join(tmpdir(), "brume-class-"))}/`;
  try {
    writeFileSync(`${folder}other.yaml`, whole);
    assert.throws(() => loadDeviceClass("other", folder), /the file is called other, its class pi4b/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
