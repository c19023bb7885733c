import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OwnShare, processClocks } from "./own-share.ts";

/** A process whose work is counted and whose sleeps are as long as it asks, or somewhat longer. */
function simulated(share: number, lateMs: number) {
  let cpuMs = 0;
  let nowMs = 0;
  let longestMs = 0;
  const own = new OwnShare(share, {
    cpuUs: () => cpuMs * 1000,
    nowMs: () => nowMs,
    sleep: (ms) => {
      nowMs += ms + lateMs;
      longestMs = Math.max(longestMs, ms);
    },
  });
  return {
    own,
    work(ms: number) {
      cpuMs += ms;
      nowMs += ms;
    },
    idle(ms: number) {
      nowMs += ms;
    },
    share: () => cpuMs / nowMs,
    nowMs: () => nowMs,
    longestMs: () => longestMs,
  };
}

test("whatever pieces its work comes in and however late sleeps end, it has its share and hardly less", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.03, max: 0.9, noNaN: true }),
      fc.array(fc.double({ min: 0.05, max: 3, noNaN: true }), { minLength: 1, maxLength: 20 }),
      fc.constantFrom(0, 0.1),
      (share, pieces, lateMs) => {
        const { own, work, share: had, nowMs, longestMs } = simulated(share, lateMs);
        while (nowMs() < 20_000) for (const ms of pieces) if (own.rest()) work(ms);
        assert.ok(had() <= share * 1.02, `${had()} of ${share}`);
        assert.ok(had() >= share * 0.9, `${had()} of ${share}`);
        assert.ok(longestMs() <= 20);
      },
    ),
    { numRuns: 50 },
  );
});

test("time that was not used buys no burst, and a long burst is paid for up to a bound only", () => {
  const { own, work, idle, nowMs } = simulated(0.1, 0);
  idle(60_000);
  own.rest();
  const startMs = nowMs();
  while (nowMs() - startMs < 1000) if (own.rest()) work(0.1);
  work(5_000);
  const burstEndMs = nowMs();
  while (!own.rest());
  assert.ok(nowMs() - burstEndMs <= 1_050, `${nowMs() - burstEndMs} ms`);
});

test("a process that works whenever it may has the share that was asked, by the kernel's own count", () => {
  const own = new OwnShare(0.2, processClocks);
  const startMs = performance.now();
  const startUs = processClocks.cpuUs();
  let work = 1;
  while (performance.now() - startMs < 2000) {
    if (!own.rest()) continue;
    const untilMs = performance.now() + own.sliceMs;
    while (performance.now() < untilMs) work = Math.imul(work, 31) + 1;
  }
  const had = (processClocks.cpuUs() - startUs) / 1000 / (performance.now() - startMs);
  // A machine with other things to do may give less; more than the share it does not get.
  assert.ok(had <= 0.22, `${had}`);
  assert.ok(had >= 0.1, `${had}`);
});
