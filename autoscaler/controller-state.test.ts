import assert from "node:assert/strict";
import { test } from "node:test";
import { type ControllerState, moved } from "./controller-state.ts";

const to = { seats: [{ node: "a", share: 1 }] };
const seen = (steady: boolean, atMs = 9) => ({ event: "seen", steady, atMs }) as const;

test("what is not steady settles, what is steady is observed", () => {
  const settling = moved({ is: "starting" }, seen(false));
  assert.equal(settling.is, "settling");
  assert.equal(moved(settling, seen(false)), settling);
  assert.equal(moved(settling, seen(true)).is, "observing");
});

test("nothing that is seen ends a rescale, and only what is steady ends the wait after a failure", () => {
  const acting: ControllerState = { is: "acting", to, sinceMs: 1 };
  assert.equal(moved(acting, seen(true)), acting);
  const broke = { event: "broke", backTo: to, failures: 2, atMs: 100, waitMs: 50 } as const;
  const waiting = moved(acting, broke);
  assert.deepEqual(waiting, { is: "waiting", backTo: to, failures: 2, sinceMs: 100, untilMs: 150 });
  assert.equal(moved(waiting, seen(false)), waiting);
  assert.equal(moved(waiting, seen(true)).is, "observing");
});

test("a rescale cannot be started during one, nor before anything was seen", () => {
  const acts = { event: "acts", to, atMs: 1 } as const;
  assert.throws(() => moved({ is: "acting", to, sinceMs: 0 }, acts), /cannot go from acting by acts/);
  assert.throws(() => moved({ is: "starting" }, acts), /cannot go from starting/);
  assert.throws(() => moved({ is: "observing" }, { event: "acted", atMs: 1 }), /cannot go from observing/);
});
