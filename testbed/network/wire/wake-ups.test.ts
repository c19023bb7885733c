import assert from "node:assert/strict";
import { test } from "node:test";
import { WakeUps } from "./wake-ups.ts";

test("where wake-ups are late by 100 µs, sleeps come to end some 100 µs early", () => {
  const wakeUps = new WakeUps();
  for (let round = 0; round < 500; round++) wakeUps.learn(1e9, 1e9 + 100e3);
  assert.ok(Math.abs(wakeUps.earlyNs - 105e3) < 1e3, `${wakeUps.earlyNs} ns`);
});

test("one wake-up that is late by a second moves the estimate by a fraction of its bound", () => {
  const wakeUps = new WakeUps();
  for (let round = 0; round < 500; round++) wakeUps.learn(1e9, 1e9 + 10e3);
  wakeUps.learn(1e9, 2e9);
  assert.ok(wakeUps.earlyNs < 50e3, `${wakeUps.earlyNs} ns`);
});

test("a sleep that a packet ended teaches nothing", () => {
  const wakeUps = new WakeUps();
  const before = wakeUps.earlyNs;
  wakeUps.learn(1e9, 0.5e9);
  assert.equal(wakeUps.earlyNs, before);
});

test("about a quarter of the time may be waited awake, and the rest is slept", () => {
  const wakeUps = new WakeUps();
  const [roundNs, sleepNs] = [1e3, 50e3];
  let awakeNs = 0;
  for (let nowNs = 1e9; nowNs < 2e9; ) {
    wakeUps.pass(nowNs);
    const awake = wakeUps.stayAwake(nowNs);
    if (awake) awakeNs += roundNs;
    else wakeUps.working();
    nowNs += awake ? roundNs : sleepNs;
  }
  assert.ok(awakeNs > 0.2e9 && awakeNs < 0.3e9, `${awakeNs / 1e9} of the time`);
});
