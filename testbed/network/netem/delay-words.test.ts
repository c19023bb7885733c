import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { delayWords } from "./delay-words.ts";

test("every property is spelt out, so that a change leaves none of the old ones", () => {
  assert.equal(delayWords({ delayMs: 0 }), "limit 100000 delay 0us loss random 0% corrupt 0% rate 100gbit");
});

test("jitter that may reorder is given no rate, since a rate is what keeps order", () => {
  const jitter = { spreadMs: 2, distribution: "uniform", reorder: true } as const;
  assert.match(
    delayWords({ delayMs: 5, jitter }),
    /^limit 100000 delay 5000us [\d.]+us distribution brume-uniform .* rate 0bit$/,
  );
});

test("a partition loses every packet, whatever loss was asked", () => {
  assert.match(
    delayWords({ delayMs: 5, cut: true, loss: { model: "random", ratio: 0.1 } }),
    /loss random 100%/,
  );
});

test("bursts are entry, exit, loss when bad, loss when good", () => {
  const loss = { model: "bursts", enter: 0.01, leave: 0.3, lossBad: 0.9, lossGood: 0.0001 } as const;
  assert.match(delayWords({ delayMs: 0, loss }), /loss gemodel 1% 30% 90% 0\.01%/);
});

test("no figure is in exponent form", () => {
  const ratio = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 100_000, noNaN: true }),
      ratio,
      ratio,
      (delayMs, loss, corruptRatio) => {
        const words = delayWords({ delayMs, corruptRatio, loss: { model: "random", ratio: loss } });
        assert.match(
          words,
          /^limit 100000 delay \d+(\.\d+)?us loss random \d+(\.\d+)?% corrupt \d+(\.\d+)?% rate 100gbit$/,
        );
      },
    ),
  );
});
