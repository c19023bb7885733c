import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import { checkFar } from "./check.ts";

const box = (settings: NodeSpec["settings"]): NodeSpec =>
  ({ name: "box", kind: "docker", role: "worker", device: "none", settings }) as NodeSpec;

test("a container of this machine takes none of the settings by which another machine is reached", () => {
  checkFar(box({ image: "debian:13" }), false);
  for (const [key, value] of [
    ["port", 22],
    ["key", "~/k"],
    ["leaseMs", 60_000],
  ] as const) {
    assert.throws(() => checkFar(box({ [key]: value }), false), {
      code: "docker-settings",
      message: new RegExp(`box: ${key.replace("Ms", "")}: .*no host`),
    });
  }
});

test("one on another machine has that machine's processor, and wants root here", () => {
  checkFar(box({ host: "pi@far" }), false);
  assert.throws(() => checkFar(box({ host: "pi@far", arch: "aarch64" }), false), { code: "docker-settings" });
  assert.throws(() => checkFar(box({ host: "pi@far" }), true), { code: "root-needed" });
});
