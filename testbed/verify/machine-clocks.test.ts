import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Exchange, offsetOf, otherClock, sameClock } from "./machine-clocks.ts";

const ms = 1e6;
const wayNs = fc.integer({ min: 0, max: 5 * ms });

test("whatever the ways take, the true offset lies within what is said of it", () => {
  const settings = fc.record({
    offsetNs: fc.integer({ min: -1e15, max: 1e15 }),
    ways: fc.array(fc.record({ there: wayNs, work: wayNs, back: wayNs }), { minLength: 1, maxLength: 20 }),
  });
  fc.assert(
    fc.property(settings, ({ offsetNs, ways }) => {
      let nowNs = 0;
      const exchanges = ways.map(({ there, work, back }): Exchange => {
        const askedNs = nowNs;
        nowNs += there + work + back;
        const heardNs = askedNs + there + offsetNs;
        return { askedNs, heardNs, saidNs: heardNs + work, answeredNs: nowNs };
      });
      const found = offsetOf(exchanges);
      assert.ok(Math.abs(found.offsetNs - offsetNs) <= found.uncertaintyNs);
      const least = (of: (way: (typeof ways)[number]) => number) => Math.min(...ways.map(of));
      assert.equal(found.uncertaintyNs, (least(({ there }) => there) + least(({ back }) => back)) / 2);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("a fast way there in one exchange and a fast way back in another bound the offset together", () => {
  const exchanges = [
    { askedNs: 0, heardNs: 107 * ms, saidNs: 107 * ms, answeredNs: 8 * ms },
    { askedNs: 10 * ms, heardNs: 111 * ms, saidNs: 111 * ms, answeredNs: 18 * ms },
  ];
  assert.deepEqual(offsetOf(exchanges), { atNs: 111 * ms, offsetNs: 100 * ms, uncertaintyNs: 1 * ms });
});

test("a clock that runs faster is followed between the looks before and after", () => {
  const before = { atNs: 1000 * ms, offsetNs: 500 * ms, uncertaintyNs: 10_000 };
  // Over ten of its seconds it has gained a millisecond.
  const after = { atNs: 11_000 * ms, offsetNs: 501 * ms, uncertaintyNs: 20_000 };
  const clock = otherClock("pi", before, after);
  assert.equal(clock.oursNs(1000 * ms), 500 * ms);
  assert.equal(clock.oursNs(11_000 * ms), 10_499 * ms);
  assert.equal(clock.oursNs(6000 * ms), 5499.5 * ms);
  assert.equal(clock.uncertaintyNs, 20_000);
});

test("two probers of one machine that count from different seconds tell the same moments", () => {
  const offset = { atNs: 0, offsetNs: -3 * ms, uncertaintyNs: 50 };
  const [first, second] = [otherClock("pi", offset), otherClock("pi", offset, offset, 2e9)];
  assert.equal(first.oursNs(5e9), second.oursNs(3e9));
  assert.equal(second.theirsNs(second.oursNs(3e9)), 3e9);
  assert.equal(sameClock("here", 1e9).oursNs(4e9), 5e9);
});
