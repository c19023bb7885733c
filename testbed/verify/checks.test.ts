import assert from "node:assert/strict";
import { test } from "node:test";
import { flowOf, nothingAsked } from "./asked-for-tests.ts";
import {
  delayCheck,
  delayFloorMs,
  jitterCheck,
  lossCounts,
  orderCheck,
  rateCheck,
  ratioCheck,
  roundTripCheck,
  silenceCheck,
} from "./checks.ts";
import { corruptionShares } from "./probe-size.ts";

const judging = { windowMs: 4000, confidence: 0.99 };

test("a short delay may be off by 0.3 ms, a long one by 2 %", () => {
  const five = { ...nothingAsked, delayMs: 5 };
  assert.equal(delayCheck(five, flowOf(5 + delayFloorMs - 0.001), judging).verdict, "ok");
  assert.equal(delayCheck(five, flowOf(5 + delayFloorMs + 0.001), judging).verdict, "off");
  const hundred = { ...nothingAsked, delayMs: 100 };
  assert.equal(delayCheck(hundred, flowOf(98.01), judging).verdict, "ok");
  assert.equal(delayCheck(hundred, flowOf(97.99), judging).verdict, "off");
});

test("what the rates take for the probe is part of what is asked", () => {
  const slow = { ...nothingAsked, delayMs: 5, serialisationMsPerByte: 0.1 };
  assert.equal(delayCheck(slow, flowOf(13.4), judging).asked, 13.4);
  assert.equal(delayCheck(slow, flowOf(15.4), judging, 6).asked, 15.4);
});

test("a pair of which nothing arrives is off, however little is asked", () => {
  const { oneWayMs: _, ...silent } = flowOf(0, { sent: 60, arrived: 0 });
  const check = delayCheck(nothingAsked, silent, judging);
  assert.deepEqual([check.verdict, check.measured, check.why], ["off", null, "none of 60 probes arrived"]);
});

test("a round trip is both ways' delays together", () => {
  const far = { ...nothingAsked, delayMs: 25 };
  const summary = flowOf(26).oneWayMs;
  assert.equal(roundTripCheck(far, { ...nothingAsked, delayMs: 1 }, summary, judging)?.verdict, "ok");
  assert.equal(roundTripCheck(far, far, summary, judging)?.verdict, "off");
});

test("few independent delays leave a jitter more room than 10 %, many do not", () => {
  const asked = { ...nothingAsked, jitter: { spreadMs: 10, kurtosis: 3, correlationMs: 45 } };
  assert.equal(jitterCheck(asked, 11.5, 600, 90)?.verdict, "ok");
  assert.equal(jitterCheck(asked, 11.5, 60_000, 9000)?.verdict, "off");
  assert.equal(jitterCheck(asked, 10.9, 60_000, 9000)?.verdict, "ok");
});

test("an asked ratio inside the interval is right, outside of it wrong", () => {
  assert.equal(ratioCheck(0.1, 10, 100, 0.99).verdict, "ok");
  assert.equal(ratioCheck(0.01, 10, 100, 0.99).verdict, "off");
  assert.equal(ratioCheck(0.3, 10, 100, 0.99).verdict, "off");
});

test("a strain of 1 is where a ratio's verdict turns", () => {
  for (const asked of [0.02, 0.04, 0.06, 0.15, 0.2, 0.25, 0.3]) {
    const { strain, verdict } = ratioCheck(asked, 10, 100, 0.99);
    assert.equal(strain <= 1 ? "ok" : "off", verdict);
  }
});

test("one lost probe is too many where no loss is asked", () => {
  assert.equal(ratioCheck(0, 0, 5000, 0.99).verdict, "ok");
  assert.equal(ratioCheck(0, 1, 5000, 0.99).verdict, "off");
});

test("losses in bursts are fewer independent ones, so that the same count says less", () => {
  assert.equal(ratioCheck(0.05, 90, 1000, 0.99).verdict, "off");
  assert.equal(ratioCheck(0.05, 90, 1000, 0.99, 9).verdict, "ok");
});

test("corruption that hits a header loses the probe, and is expected to", () => {
  const { lost, seen } = corruptionShares();
  assert.ok(lost > 0.08 && lost < 0.1 && seen > 0.85 && lost + seen < 1);
  assert.equal(lossCounts({ ...nothingAsked, corruptRatio: 0.5 }, flowOf(0)).asked, 0.5 * lost);
  const counts = lossCounts(nothingAsked, flowOf(0, { sent: 100, arrived: 90, corrupted: 8 }));
  assert.deepEqual([counts.hits, counts.trials], [2, 100]);
});

test("an overtaken probe is wrong unless overtaking was asked for", () => {
  assert.equal(orderCheck(nothingAsked, flowOf(0, { overtaken: 1 })).verdict, "off");
  assert.equal(orderCheck({ ...nothingAsked, reorders: true }, flowOf(0, { overtaken: 30 })).verdict, "ok");
});

test("through a cut nothing comes, not even a corrupted probe", () => {
  assert.equal(silenceCheck(flowOf(0, { sent: 60, arrived: 0 })).verdict, "ok");
  assert.equal(silenceCheck(flowOf(0, { sent: 60, arrived: 0, corrupted: 1 })).verdict, "off");
});

test("a rate is right from 90 to 105 % of what is asked", () => {
  const asked = { ...nothingAsked, rateBitsPerSecond: 100e6 };
  const train = (rateBitsPerSecond: number) =>
    rateCheck(asked, { sent: 250, arrived: 250, offeredBitsPerSecond: 125e6, rateBitsPerSecond, attempts: 1 })
      .verdict;
  assert.deepEqual([89.9e6, 90.1e6, 104.9e6, 105.1e6].map(train), ["off", "ok", "ok", "off"]);
});

test("a rate that the prober itself did not reach is no verdict on the link", () => {
  const asked = { ...nothingAsked, rateBitsPerSecond: 100e6 };
  const slow = { sent: 250, arrived: 250, offeredBitsPerSecond: 80e6, rateBitsPerSecond: 79e6, attempts: 3 };
  assert.equal(rateCheck(asked, slow).verdict, "unmeasured");
  const { rateBitsPerSecond: _, ...lost } = slow;
  assert.equal(rateCheck(asked, { ...lost, arrived: 1 }).verdict, "unmeasured");
});
