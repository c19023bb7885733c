import assert from "node:assert/strict";
import { test } from "node:test";
import { seeded } from "../plant/random.ts";
import { MoveDetector } from "./agent-moved.ts";
import { RttWindow } from "./agent-window.ts";

const heard = (window: RttWindow, values: readonly number[]) =>
  values.map((value, index) => window.add(value, index * 1000));

test("the middle of the samples is told, and how sure it is", () => {
  const window = new RttWindow();
  assert.equal(window.filtered(), undefined);
  heard(window, [10, 10.2, 9.9, 10.1, 10]);
  const { rttMs, lowMs, highMs, samples, atMs } = window.filtered()!;
  assert.deepEqual([rttMs, samples, atMs], [10, 5, 4000]);
  assert.ok(lowMs > 9.7 && lowMs < 10 && highMs > 10 && highMs < 10.3);
});

test("a spike is a surprise and changes nothing; the same one three times is a move", () => {
  const window = new RttWindow();
  heard(window, [10, 10, 10.1, 9.9, 10]);
  assert.ok(window.add(35, 6000).surpriseMs);
  assert.ok(window.inDoubt);
  assert.equal(window.filtered()!.rttMs, 10);
  assert.equal(window.filtered()!.atMs, 4000, "when it last was 10");
  assert.deepEqual(window.add(10, 7000), {});
  assert.ok(!window.inDoubt);
  const [, , third] = [window.add(35, 8000), window.add(35.2, 8200), window.add(34.9, 8400)];
  assert.equal(third.movedMs, 25);
  assert.equal(window.filtered()!.rttMs, 35);
});

test("a path that moves before it is known well is seen to move all the same", () => {
  const window = new RttWindow();
  heard(window, [25.1, 25.2]);
  assert.deepEqual(window.add(27, 2000), {}, "two samples say little about scatter");
  const moved = [40.1, 40.2, 40].map((value) => window.add(value, 3000).movedMs);
  assert.ok(Math.abs(moved[2]! - 15) < 1);
});

test("surprises on both sides are scatter, not a move", () => {
  const window = new RttWindow();
  heard(window, [10, 10, 10, 10]);
  for (const value of [14, 6, 14, 6, 14, 6]) assert.equal(window.add(value, 9000).movedMs, undefined);
});

test("on a path of 25 ± 10 ms moves are not seen where there are none, and one of 60 ms is within six samples", () => {
  const random = seeded(7);
  let [falsely, late] = [0, 0];
  for (let run = 0; run < 200; run++) {
    const window = new RttWindow();
    const sample = (extra: number) => Math.max(1, 50 + extra + 10 * random.normal());
    for (let index = 0; index < 40; index++) if (window.add(sample(0), 0).movedMs !== undefined) falsely++;
    const moved = Array.from({ length: 6 }, () => window.add(sample(60), 0).movedMs);
    if (moved.every((each) => each === undefined)) late++;
  }
  assert.ok(falsely <= 8, `${falsely} of 8000 samples`);
  assert.ok(late <= 60, `${late} of 200 moves were not seen yet`);
});

const asExpected = {};
const surprise = (ms: number) => ({ surpriseMs: ms });
const sure = (ms: number) => ({ surpriseMs: ms, movedMs: ms });

test("a node has moved when most of its peers surprise alike; one path's move is not the node's", () => {
  const detector = new MoveDetector();
  for (const peer of ["a", "b", "c", "d", "e"])
    assert.equal(detector.note(peer, asExpected, 1000), undefined);
  for (let turn = 0; turn < 5; turn++) assert.equal(detector.note("a", surprise(25), 2000 + turn), undefined);
  assert.equal(detector.note("a", sure(25), 2500), undefined);
  assert.equal(detector.note("a", asExpected, 2600), undefined);
  assert.equal(detector.note("b", sure(24), 3000), undefined);
  assert.deepEqual(detector.note("c", surprise(26), 3200), { byMs: 25, peers: 3 });
  for (const peer of ["d", "e", "f"])
    assert.equal(detector.note(peer, sure(25), 3400), undefined, "it is told once");
});

test("a busy moment in which everybody surprises once is no move", () => {
  const detector = new MoveDetector();
  for (const peer of ["a", "b", "c", "d"]) assert.equal(detector.note(peer, surprise(25), 1000), undefined);
});

test("words of long ago do not count, nor surprises in different directions", () => {
  const detector = new MoveDetector();
  detector.note("a", sure(25), 0);
  detector.note("b", sure(25), 100);
  assert.equal(detector.note("c", sure(25), 20_000), undefined);
  detector.note("d", sure(-25), 20_100);
  assert.equal(detector.note("e", sure(25), 20_200), undefined);
});
