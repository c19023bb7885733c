import assert from "node:assert/strict";
import { test } from "node:test";
import { measureEmulator } from "./emulator-speed.ts";

test("a measurement reports packets over the clock's time", () => {
  let nowMs = 0;
  const [speed, ...others] = measureEmulator(() => (nowMs += 10), 25, "jitter and loss");
  assert.equal(others.length, 0);
  assert.equal(speed?.packets, 60_000);
  assert.equal(speed?.packetsPerSecond, 2_000_000);
  assert.equal(speed?.leastNsPerPacket, 500);
});
