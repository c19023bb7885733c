import assert from "node:assert/strict";
import { test } from "node:test";
import { takeTurn } from "./turn.ts";

function stepsOf(takesInput: boolean, there: number, lateAfter = Number.POSITIVE_INFINITY) {
  let steps = 0;
  const worked = takeTurn(
    takesInput,
    () => steps < there && ++steps > 0,
    () => steps >= lateAfter,
  );
  return { steps, worked };
}

test("a source has one piece of work a turn, whoever takes input up to eight", () => {
  assert.deepEqual(stepsOf(false, 100), { steps: 1, worked: true });
  assert.deepEqual(stepsOf(true, 100), { steps: 8, worked: true });
  assert.deepEqual(stepsOf(true, 3), { steps: 3, worked: true });
});

test("a turn ends when the worker's sockets are due, and begins though they are", () => {
  assert.deepEqual(stepsOf(true, 100, 2), { steps: 2, worked: true });
  assert.deepEqual(stepsOf(true, 100, 0), { steps: 1, worked: true });
});

test("where there is nothing to do, no turn was taken", () => {
  for (const takesInput of [false, true]) {
    assert.deepEqual(stepsOf(takesInput, 0), { steps: 0, worked: false });
  }
});
