import assert from "node:assert/strict";
import { test } from "node:test";
import { Beliefs } from "./agent-beliefs.ts";
import { plainVivaldi } from "./agent-simulation-for-tests.ts";

const advert = (...position: number[]) => ({ position, height: 0, adjustment: 0, error: 0.1, samples: 9 });
const measured = (peer: string, rttMs: number, atMs: number, samples = 4) => ({
  ...{ peer, rttMs, lowMs: rttMs - 0.5, highMs: rttMs + 0.5, samples, atMs },
});

function three(): Beliefs {
  const beliefs = new Beliefs(plainVivaldi);
  beliefs.heard("a", { advert: advert(0, 0), measured: [measured("b", 31, 1000)] }, 1000);
  beliefs.heard("b", { advert: advert(30, 0), measured: [measured("a", 30.6, 1500)] }, 1500);
  beliefs.heard("c", { advert: advert(0, 40), measured: [] }, 1500);
  return beliefs;
}

test("a measured pair is told as measured, both directions together; any other as estimated", () => {
  const table = three().table(["a", "b", "c", "d"], 2000, "best");
  const [a, b, c, d] = [0, 1, 2, 3] as const;
  assert.ok(Math.abs(table.pairs.at(a, b)!.rttMs - 30.8) < 1e-9);
  assert.equal(table.pairs.at(b, c)!.rttMs, 50);
  assert.equal(table.pairs.at(a, d), undefined);
});

test("estimates stay apart for judging, and take over when a measurement has grown old", () => {
  assert.equal(three().table(["a", "b"], 2000, "estimated").pairs.at(0, 1)!.rttMs, 30);
  assert.equal(three().table(["a", "b"], 100_000, "best").pairs.at(0, 1)!.rttMs, 30);
});

test("of two directions that do not agree the newer one holds", () => {
  const beliefs = three();
  beliefs.heard("a", { advert: advert(0, 0), measured: [measured("b", 56, 3000, 3)] }, 3000);
  assert.equal(beliefs.table(["a", "b"], 3000, "best").pairs.at(0, 1)!.rttMs, 56);
});

test("what was known of a forgotten node is not told any more", () => {
  const beliefs = three();
  beliefs.forget("b");
  assert.equal(beliefs.table(["a", "b"], 2000, "best").pairs.at(0, 1), undefined);
});

test("one sample far above the estimate may be a spike, and is only heeded when it is confirmed", () => {
  const beliefs = three();
  const told = (rttMs: number, samples: number) => {
    beliefs.heard("c", { advert: advert(0, 40), measured: [measured("b", rttMs, 2000, samples)] }, 2000);
    return beliefs.table(["b", "c"], 2000, "best").pairs.at(0, 1)!;
  };
  assert.deepEqual(told(190, 1), { rttMs: 50, lowMs: 40, highMs: 191.9 });
  assert.equal(told(190, 3).rttMs, 190);
  for (const likely of [45, 70]) assert.equal(told(likely, 1).rttMs, likely);
});
