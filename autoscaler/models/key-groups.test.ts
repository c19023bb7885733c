import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KeyGroups } from "./key-groups.ts";

const of = (...shares: number[]) => ({ seats: shares.map((share, at) => ({ node: `n${at}`, share })) });
const even = (count: number) => of(...Array.from({ length: count }, () => 1 / count));

test("how many groups there are shows in shares that ran, and shares to come are rounded as they will be", () => {
  const groups = new KeyGroups();
  groups.see(of(43 / 128, 43 / 128, 42 / 128));
  const shares = groups.whole(even(6)).seats.map(({ share }) => share * 128);
  assert.deepEqual(shares, [22, 22, 21, 21, 21, 21]);
});

test("before shares told how many groups there are, those of many seats are left as they are", () => {
  const groups = new KeyGroups();
  groups.see(even(2));
  assert.deepEqual(groups.whole(even(3)), even(3));
});

test("an engine that hands out any share has its shares left as they are", () => {
  const groups = new KeyGroups();
  groups.see(of(0.3, 0.7));
  groups.see(of(43 / 128, 43 / 128, 42 / 128));
  assert.deepEqual(groups.whole(even(6)), even(6));
});

test("whole shares sum to 1 and are less than a group from what was asked for, where each has one", () => {
  const weights = fc.array(fc.integer({ min: 20, max: 100 }), { minLength: 2, maxLength: 10 });
  fc.assert(
    fc.property(weights, (drawn) => {
      const groups = new KeyGroups();
      groups.see(of(1 / 128, 127 / 128));
      const total = drawn.reduce((sum, one) => sum + one, 0);
      const asked = of(...drawn.map((one) => one / total));
      const whole = groups.whole(asked).seats;
      assert.equal(
        whole.reduce((sum, { share }) => sum + share, 0),
        1,
      );
      for (const [at, { share }] of whole.entries())
        assert.ok(Math.abs(share - asked.seats[at]!.share) < 1 / 128 + 1e-9);
    }),
  );
});
