import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Life, lettingGo, type NodeAct, type NodeDeed, next, running } from "./node-life.ts";

const deed = (action: NodeAct, hold?: string): NodeDeed =>
  hold === undefined ? { do: "node", node: "n", action } : { do: "node", node: "n", action, hold };

function play(deeds: readonly NodeDeed[]): { life: Life; acts: NodeAct[] } {
  const acts: NodeAct[] = [];
  let life = running;
  for (const each of deeds) {
    const turn = next(life, each);
    life = turn.life;
    if (turn.act) acts.push(turn.act);
  }
  return { life, acts };
}

test("a node that two pauses hold runs on when the second of them ends, in either order", () => {
  for (const [first, second] of [
    ["a", "b"],
    ["b", "a"],
  ] as const) {
    const { life, acts } = play([deed("pause", "a"), deed("pause", "b"), deed("resume", first)]);
    assert.equal(life.state, "paused");
    assert.deepEqual(acts, ["pause"]);
    assert.deepEqual(next(life, deed("resume", second)), { life: running, act: "resume" });
  }
});

test("a node that two crashes hold comes back once, when the second of them ends", () => {
  const { life, acts } = play([
    deed("crash", "a"),
    deed("crash", "b"),
    deed("start", "a"),
    deed("start", "b"),
  ]);
  assert.equal(life, running);
  assert.deepEqual(acts, ["crash", "start"]);
});

test("a start or a resume without a hold ends it for everybody, and their own ends then do nothing", () => {
  const { life, acts } = play([
    deed("crash", "a"),
    deed("crash", "b"),
    deed("start"),
    deed("start", "a"),
    deed("start", "b"),
  ]);
  assert.equal(life, running);
  assert.deepEqual(acts, ["crash", "start"]);
});

test("the end of a crash that somebody ended before does not end a newer crash", () => {
  const { life } = play([deed("crash", "old"), deed("start"), deed("crash", "new"), deed("start", "old")]);
  assert.equal(life.state, "down");
});

test("a crash takes the pauses with it: the node that starts again does not stand still", () => {
  const { life, acts } = play([
    deed("pause", "p"),
    deed("crash", "c"),
    deed("resume", "p"),
    deed("start", "c"),
  ]);
  assert.equal(life, running);
  assert.deepEqual(acts, ["pause", "crash", "start"]);
});

test("a crashed node cannot be paused, resumed or crashed again; a paused one not started", () => {
  const crashed = play([deed("crash", "c")]).life;
  for (const each of [deed("pause", "p"), deed("resume"), deed("crash", "c")]) {
    assert.equal(next(crashed, each).act, undefined);
    assert.equal(next(crashed, each).life.state, "down");
  }
  const paused = play([deed("pause", "p")]).life;
  assert.deepEqual(next(paused, deed("start")), { life: paused });
});

const anyDeed = fc
  .tuple(
    fc.constantFrom<NodeAct>("crash", "start", "pause", "resume"),
    fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined }),
  )
  .map(([action, hold]) => deed(action, action === "crash" || action === "pause" ? (hold ?? "a") : hold));

test("what was held ends when all holds are let go, and every act fits the state before it", () => {
  const after = { crash: "down", start: "running", pause: "paused", resume: "running" } as const;
  const before = { crash: ["running", "paused"], start: ["down"], pause: ["running"], resume: ["paused"] };
  fc.assert(
    fc.property(fc.array(anyDeed, { maxLength: 30 }), (deeds) => {
      let life = running;
      for (const each of deeds) {
        const turn = next(life, each);
        if (turn.act) {
          assert.ok(before[turn.act].includes(life.state), `${turn.act} of a node that is ${life.state}`);
          assert.equal(turn.life.state, after[turn.act]);
        } else assert.equal(turn.life.state, life.state);
        life = turn.life;
        assert.ok(life.state === "running" || life.holds.size > 0, "nobody holds it, and it is held");
      }
      for (const each of lettingGo("n", life, () => true)) life = next(life, each).life;
      assert.equal(life.state, "running");
    }),
    { seed: 2 },
  );
});

test("letting go of some holds leaves the node to the others", () => {
  const { life } = play([deed("crash", "event 1"), deed("crash", "by hand 1")]);
  const deeds = lettingGo("n", life, (hold) => hold.startsWith("event"));
  assert.deepEqual(deeds, [deed("start", "event 1")]);
  assert.deepEqual(next(life, deeds[0]!).life, { state: "down", holds: new Set(["by hand 1"]) });
});
