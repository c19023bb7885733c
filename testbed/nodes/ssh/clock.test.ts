import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Exchange, fastest } from "./clock.ts";
import { realMinusMonotonicNs } from "./holder/wall-clock.ts";

test("the true offset is never farther from the measured one than half the fastest exchange", () => {
  const delays = fc.record({ there: fc.nat({ max: 1e9 }), back: fc.nat({ max: 1e9 }) });
  const offset = fc.integer({ min: -1e12, max: 1e12 });
  fc.assert(
    fc.property(offset, fc.array(delays, { minLength: 1 }), (truth, ways) => {
      const exchanges = ways.map(({ there, back }, index): Exchange => {
        const asked = index * 3e9;
        return {
          askedNs: BigInt(asked),
          readNs: BigInt(asked + there + truth),
          answeredNs: BigInt(asked + there + back),
        };
      });
      const { offsetNs, rttNs } = fastest(exchanges);
      assert.ok(Math.abs(Number(offsetNs) - truth) <= rttNs / 2 + 1);
      assert.equal(rttNs, Math.min(...ways.map(({ there, back }) => there + back)));
    }),
  );
});

test("the wall clock is read finer than its milliseconds, though most looks are interrupted when one begins", () => {
  fc.assert(
    fc.property(fc.nat({ max: 999_999 }), fc.nat({ max: 20 }), (phaseNs, interruptions) => {
      let now = 1_000_000_000;
      let left = interruptions;
      const millisecond = () => Math.floor((now + phaseNs) / 1e6);
      const wall = () => {
        const before = millisecond();
        now += 300;
        if (millisecond() !== before && left > 0) {
          left -= 1;
          now += 400_000;
        }
        return millisecond();
      };
      const seen = realMinusMonotonicNs(wall, () => BigInt(now));
      assert.ok(Math.abs(Number(seen) - phaseNs) <= 600, `${seen} for ${phaseNs}`);
    }),
  );
});
