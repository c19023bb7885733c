import assert from "node:assert/strict";
import { test } from "node:test";
import { SimulatedClock } from "./clock-for-tests.ts";
import { type Due, Player } from "./player.ts";
import type { Deed, Moment } from "./timeline.ts";
import { Turns } from "./turns.ts";

const crash = (node: string): Deed => ({ do: "node", node, action: "crash" });
const lift = (name: string): Deed => ({ do: "lift", name });
const nameOf = (deed: Deed) => ("node" in deed ? deed.node : deed.name);
const at = (atMs: number, deed: Deed): Moment => ({ atMs, deed });

/** A player whose every batch takes `takesMs`, and what it has done: [ms since the start, names, lateness]. */
function stage({ takesMs = 0, slackMs = 0 } = {}) {
  const clock = new SimulatedClock(slackMs);
  const startMs = clock.nowMs();
  const turns = new Turns();
  const did: { atMs: number; names: string[]; lateMs: number[] }[] = [];
  const failures: unknown[] = [];
  const failing = new Set<string>();
  const player = new Player({
    nowMs: clock.nowMs,
    setTimer: clock.setTimer,
    inTurn: (act) => turns.take(act),
    failed: (error) => failures.push(error),
    async perform(batch: readonly Due[]) {
      const names = batch.map(({ deed }) => nameOf(deed));
      did.push({ atMs: clock.nowMs() - startMs, names, lateMs: batch.map(({ lateMs }) => lateMs) });
      if (takesMs > 0) await clock.sleep(takesMs);
      if (names.some((name) => failing.has(name))) throw new Error(names.join());
    },
  });
  return {
    clock,
    turns,
    player,
    did,
    failing,
    failures,
    times: () => did.map(({ atMs, names }) => [atMs, names.join()]),
  };
}

test("deeds happen when they are due, and on a punctual machine none is late", async () => {
  const { clock, player, did, times } = stage();
  player.start([at(0, crash("a")), at(50, crash("b")), at(50.5, lift("x")), at(5000, crash("c"))]);
  await clock.advance(10_000);
  assert.deepEqual(
    times().map(([, names]) => names),
    ["a", "b", "x", "c"],
  );
  for (const { lateMs } of did) assert.ok(lateMs[0]! >= 0 && lateMs[0]! <= 1, `${lateMs}`);
  assert.equal(clock.timers, 0);
});

test("a timer that is late by less than the head start makes no deed late by as much", async () => {
  const { clock, player } = stage({ slackMs: 3 });
  player.start([at(100, crash("a"))]);
  await clock.advance(1000);
  assert.ok(player.lateMsMax < 4, `${player.lateMsMax}`);
});

test("no deed happens before it is due", async () => {
  const { clock, player, did } = stage();
  player.start([at(100, crash("a"))]);
  await clock.advance(99);
  assert.deepEqual(did, []);
  assert.equal(player.done, 0);
});

test("a deed after a month happens after a month", async () => {
  const monthMs = 31 * 24 * 3600 * 1000;
  const { clock, player, did } = stage();
  player.start([at(monthMs, crash("a"))]);
  await clock.advance(monthMs - 1);
  assert.deepEqual(did, []);
  await clock.advance(2);
  assert.equal(did.length, 1);
});

test("slow deeds keep their order, never overlap, and are late by what they waited", async () => {
  const { clock, player, times } = stage({ takesMs: 100 });
  player.start([at(0, crash("a")), at(10, crash("b")), at(20, crash("c"))]);
  await clock.advance(1000);
  assert.deepEqual(times(), [
    [0, "a"],
    [100, "b"],
    [200, "c"],
  ]);
  assert.equal(player.lateMsMax, 180);
});

test("what is due for the network together is one change of it; a node's deed between keeps its place", async () => {
  const { clock, player, times } = stage();
  player.start([at(5, lift("x")), at(5, lift("y")), at(5, crash("a")), at(5, lift("z"))]);
  await clock.advance(100);
  assert.deepEqual(
    times().map(([, names]) => names),
    ["x,y", "a", "z"],
  );
});

test("a stopped player performs nothing that was already due and waiting for its turn", async () => {
  const { clock, turns, player, times } = stage({ takesMs: 100 });
  player.start([at(0, crash("a")), at(10, crash("b")), at(20, crash("c"))]);
  await clock.advance(50);
  void turns.take(() => player.stop());
  await clock.advance(1000);
  assert.deepEqual(times(), [[0, "a"]]);
  assert.equal(clock.timers, 0);
});

test("a timeline that starts anew begins at its beginning and nothing of the old one comes between", async () => {
  const { clock, player, times } = stage();
  player.start([at(10, crash("old 1")), at(100, crash("old 2"))]);
  await clock.advance(50);
  player.start([at(10, crash("new"))]);
  assert.equal(player.planned, 1);
  assert.equal(player.done, 0);
  await clock.advance(1000);
  assert.deepEqual(
    times().map(([, names]) => names),
    ["old 1", "new"],
  );
  assert.equal(player.done, 1);
});

test("what is done counts when it is done, and what is due by hand does not count", async () => {
  const { clock, player } = stage({ takesMs: 100 });
  player.start([at(0, crash("a"))]);
  player.later("hand", lift("x"), 10);
  await clock.advance(50);
  assert.equal(player.done, 0);
  await clock.advance(1000);
  assert.deepEqual([player.done, player.planned], [1, 1]);
});

test("what is due by hand outlives the timeline's restart and its end", async () => {
  const { clock, player, times } = stage();
  player.later("x", lift("x"), 100);
  player.start([at(200, crash("a"))]);
  await clock.advance(50);
  player.stop();
  await clock.advance(1000);
  assert.deepEqual(
    times().map(([, names]) => names),
    ["x"],
  );
});

test("what is due by hand under one key takes the place of what was due before under it", async () => {
  const { clock, player, times } = stage();
  player.later("x", lift("x"), 100);
  await clock.advance(50);
  player.later("x", lift("x"), 300);
  await clock.advance(1000);
  assert.equal(times().length, 1);
  assert.ok(Number(times()[0]![0]) >= 350);
});

test("what is forgotten does not happen", async () => {
  const { clock, player, did } = stage();
  player.later("x", lift("x"), 100);
  player.forget("x");
  player.forget("never there");
  await clock.advance(1000);
  assert.deepEqual(did, []);
  assert.equal(clock.timers, 0);
});

test("a deed that fails is told, and those after it happen", async () => {
  const { clock, player, failing, failures, times } = stage();
  failing.add("a");
  player.start([at(0, crash("a")), at(10, crash("b"))]);
  await clock.advance(100);
  assert.deepEqual(
    times().map(([, names]) => names),
    ["a", "b"],
  );
  assert.deepEqual(failures.map(String), ["Error: a"]);
  assert.equal(player.done, 2);
});

test("orders by hand get their turn between deeds that are late", async () => {
  const { clock, turns, player, times } = stage({ takesMs: 100 });
  player.start([at(0, crash("a")), at(1, crash("b")), at(2, crash("c"))]);
  await clock.advance(10);
  let before = -1;
  void turns.take(() => {
    before = times().length;
  });
  await clock.advance(1000);
  assert.equal(before, 1, "after the deed that ran when it was asked for");
  assert.equal(times().length, 3);
});

test("fifty thousand deeds of one instant are no burden on the stack", async () => {
  const { clock, player, did } = stage();
  player.start(Array.from({ length: 50_000 }, (_, index) => at(1, lift(`${index}`))));
  await clock.advance(10);
  assert.equal(did[0]?.names.length, 50_000);
});
