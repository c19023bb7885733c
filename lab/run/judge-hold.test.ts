import assert from "node:assert/strict";
import { test } from "node:test";
import { type HoldVerdict, judgeHold, settlingMs } from "./judge-hold.ts";
import type { MstSample } from "./measure-mst.ts";

const plan = { warmUpMs: 2_000, holdMs: 8_000, lagMsMax: 500 };

/** It began so long before 0 that what is seen from 1.5 s on counts. */
const sinceMs = 1_500 - settlingMs(plan);
/** The first seconds of a hold at 100 a second: ten are one hold, eighteen two. */
const hold = (look: (second: number) => Partial<MstSample>, seconds = 18) =>
  Array.from({ length: seconds }, (_, index) => ({
    ...{ atMs: (index + 1) * 1_000, attempt: 1, taken: 100, backpressured: 0, lagMs: 5 },
    ...look(index + 1),
  }));

/** As the search asks: after each look, until there is an answer. */
function verdict(look: (second: number) => Partial<MstSample>, seconds?: number): HoldVerdict | undefined {
  const samples = hold(look, seconds);
  for (let count = 1; count <= samples.length; count++) {
    const judged = judgeHold(samples.slice(0, count), sinceMs, 100, plan);
    if (judged !== undefined) return judged;
  }
  return undefined;
}
const because = (look: (second: number) => Partial<MstSample>) => {
  const judged = verdict(look);
  assert.ok(judged !== undefined && !judged.isSustained);
  return judged.because;
};

test("a rate that is taken without lag is sustained, and before the hold is over nobody knows", () => {
  assert.deepEqual(
    verdict(() => ({}), 10),
    { isSustained: true },
  );
  assert.equal(
    verdict(() => ({}), 8),
    undefined,
  );
});

test("less than what is asked is not sustained", () => {
  assert.equal(
    because(() => ({ taken: 95 })),
    "95/s taken",
  );
});

test("what sources give that wait for room is uneven, and the lag tells whether it is too little", () => {
  assert.equal(verdict(() => ({ taken: 94, backpressured: 0.7 }))?.isSustained, true);
  assert.equal(
    because(() => ({ taken: 90, backpressured: 0.7 })),
    "90/s taken",
  );
});

test("sources that wait most of the time are held up only if records are late by it", () => {
  assert.equal(verdict(() => ({ backpressured: 0.99 }))?.isSustained, true);
  assert.match(
    because(() => ({ backpressured: 0.99, lagMs: 300 })),
    /held up for 99 %/,
  );
});

test("a lag that a checkpoint makes for a moment passes; one that stays or grows does not", () => {
  assert.equal(verdict((second) => ({ lagMs: second === 4 ? 900 : 5 }))?.isSustained, true);
  assert.match(
    because(() => ({ lagMs: 600 })),
    /lag up to 600 ms/,
  );
  assert.match(
    because((second) => ({ lagMs: second * 20 })),
    /lag grows by 15 ms a second/,
  );
  const steep = verdict((second) => ({ lagMs: second * 49 }), 10);
  assert.ok(steep?.isSustained === false, "one hold is enough to see that");
});

test("a lag that goes up and down does not grow, though one half's median is higher", () => {
  const uneven = [0, 0, 180, 35, 115, 10, 40, 180, 160, 100];
  assert.equal(verdict((second) => ({ lagMs: uneven[second - 1]! }))?.isSustained, true);
});

test("a lag that is out of hand ends the hold at once", () => {
  const samples = hold((second) => ({ lagMs: second * 800 })).slice(0, 2);
  const judged = judgeHold(samples, sinceMs, 100, plan);
  assert.ok(judged !== undefined && !judged.isSustained);
  assert.match(judged.because, /lag 1600 ms and rising/);
});

test("what is late or grows for one hold only is held for a second one, which decides", () => {
  for (const late of [{ backpressured: 0.9, lagMs: 300 }, { lagMs: 700 }]) {
    assert.equal(
      verdict((second) => (second <= 10 ? late : {}), 10),
      undefined,
    );
    assert.equal(verdict((second) => (second <= 10 ? late : {}))?.isSustained, true);
  }
  const risesOnce = (second: number) => ({ lagMs: second <= 10 ? second * 20 : 100 });
  assert.equal(verdict(risesOnce, 10), undefined);
  assert.equal(verdict(risesOnce)?.isSustained, true);
});

test("a second hold is judged at its end, not as soon as it looks well", () => {
  const dips = (second: number) => ({ backpressured: 0.9, lagMs: second === 11 ? 0 : 300 });
  assert.match(because(dips), /held up/);
});

test("what a new rate does in its first seconds is not judged, however short the warm-up is", () => {
  for (const warmUpMs of [0, 1_000, 2_000]) assert.equal(settlingMs({ warmUpMs, holdMs: 8_000 }), 2_700);
  assert.equal(settlingMs({ warmUpMs: 4_000, holdMs: 8_000 }), 3_000);
  const short = { ...plan, warmUpMs: 1_000, holdMs: 2_000 };
  const dips = hold((second) => ({ taken: second <= 2 ? 10 : 100 }), 7);
  assert.deepEqual(judgeHold(dips, 0, 100, short), { isSustained: true });
});
