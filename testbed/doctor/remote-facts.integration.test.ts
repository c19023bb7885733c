import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { leftovers, machineState } from "#testbed/machine-state.ts";
import { factsScript, readFacts } from "./remote-facts.ts";

test("the script runs in this machine's plainest shell, and its answer is understood", () => {
  const answer = execFileSync("sh", ["-c", factsScript], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });

  test("the script changes nothing on the machine", () => {
    const before = machineState();
    execFileSync("sh", ["-c", factsScript], { stdio: "ignore" });
    const { interfaces, mounts } = machineState();
    assert.deepEqual(leftovers(before, { ...before, interfaces, mounts }), []);
  });
  const { kernel, cores, memoryBytes, bootId, diskFreeBytes } = readFacts(answer);
  assert.match(kernel, /^\d+\./);
  assert.ok(cores >= 1 && memoryBytes > 1e8 && bootId.length === 36);
  assert.ok(diskFreeBytes === undefined || diskFreeBytes > 1e6, String(diskFreeBytes));
});

test("the script changes nothing on the machine", () => {
  const before = machineState();
  execFileSync("sh", ["-c", factsScript], { stdio: "ignore" });
  const { interfaces, mounts } = machineState();
  assert.deepEqual(leftovers(before, { ...before, interfaces, mounts }), []);
});
