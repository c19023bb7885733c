import assert from "node:assert/strict";
import { test } from "node:test";
import { BurstLoss } from "./loss.ts";
import { PairRandom } from "./random.ts";

function run(
  seed: number,
  packets: number,
  enter: number,
  leave: number,
  good: number,
  bad: number,
): boolean[] {
  const loss = new BurstLoss(new PairRandom(seed, 1), 1);
  return Array.from({ length: packets }, () => loss.loses(0, enter, leave, good, bad));
}

test("a chain that loses all in its bad state has the asked share and the asked mean burst", () => {
  const lost = run(5, 400_000, 0.01, 0.25, 0, 1);
  const total = lost.filter(Boolean).length;
  const bursts = lost.filter((isLost, at) => isLost && !lost[at - 1]).length;
  // Share 0.01 / 0.26; bursts last 1 / 0.25 packets. Some 3850 bursts: 4 % are well over two deviations.
  assert.ok(Math.abs(total / lost.length / (0.01 / 0.26) - 1) < 0.06, `share ${total / lost.length}`);
  assert.ok(Math.abs(total / bursts / 4 - 1) < 0.04, `mean burst ${total / bursts}`);
});

test("each state loses by its own ratio", () => {
  const lost = run(9, 400_000, 0.1, 0.3, 0.02, 0.5).filter(Boolean).length / 400_000;
  assert.ok(Math.abs(lost - (0.75 * 0.02 + 0.25 * 0.5)) < 0.005, `ratio ${lost}`);
});

test("the chain starts as if it had run forever: over many seeds the first packet is lost like any other", () => {
  let lost = 0;
  for (let seed = 0; seed < 5000; seed++) if (run(seed, 1, 0.1, 0.1, 0, 1)[0]) lost++;
  assert.ok(Math.abs(lost / 5000 - 0.5) < 0.025, `first packets lost ${lost / 5000}`);
});

test("a chain that is never entered loses nothing and one that is never left loses all", () => {
  assert.ok(run(1, 1000, 0, 0, 0, 1).every((isLost) => !isLost));
  assert.ok(run(1, 1000, 1, 0, 1, 1).every(Boolean));
});
