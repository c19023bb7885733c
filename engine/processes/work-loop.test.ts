import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { WorkLoop } from "./work-loop.ts";

/** Notes when it was let to work; has more to do while `more` says so. */
function core(more: () => boolean, nextWakeMs = () => Infinity) {
  const steps: number[] = [];
  const loop = new WorkLoop({
    step: () => {
      steps.push(Date.now());
      return more();
    },
    nextWakeMs,
  });
  return { steps, loop };
}

test("a core without work is let to work once for all that happened, and then left alone", async () => {
  const { steps, loop } = core(() => false);
  loop.work();
  loop.work();
  await sleep(30);
  // On a busy machine the 30 ms may be over before the loop came to its first turn.
  await new Promise(setImmediate);
  assert.equal(steps.length, 1);
});

test("a core with work gets slice after slice, and other events come through between", async () => {
  const { steps, loop } = core(() => true);
  loop.work();
  for (let event = 0; event < 5; event++) await sleep(1);
  loop.stop();
  const { length } = steps;
  assert.ok(length > 5);
  await sleep(20);
  assert.equal(steps.length, length);
});

test("a sleeping core is woken at the time that it asked for, and what happens before does not put it off", async () => {
  const wakeMs = Date.now() + 60;
  let asked = wakeMs;
  const { steps, loop } = core(
    () => false,
    () => asked,
  );
  loop.work();
  await sleep(20);
  loop.work();
  await sleep(20);
  assert.equal(steps.length, 2);
  asked = Infinity;
  // It asked for 60 ms at the second step; a later answer counts from the next step on.
  await sleep(100);
  assert.equal(steps.length, 3);
  assert.ok(steps[2]! >= wakeMs - 1, `${steps[2]! - wakeMs} ms`);
});

test("a wake-up that is taken back does not come", async () => {
  let asked = Date.now() + 30;
  const { steps, loop } = core(
    () => false,
    () => asked,
  );
  loop.work();
  await sleep(5);
  asked = Infinity;
  loop.work();
  await sleep(60);
  assert.equal(steps.length, 2);
});

test("after the stop nothing is called any more", async () => {
  const { steps, loop } = core(() => true);
  loop.work();
  loop.stop();
  loop.work();
  await sleep(20);
  assert.deepEqual(steps, []);
});

test("a loop that holds itself to a share does not work before it is rested, and looks at sockets meanwhile", async () => {
  const log: string[] = [];
  let debts = 3;
  const loop = new WorkLoop(
    {
      step: () => {
        log.push("step");
        return false;
      },
      nextWakeMs: () => Infinity,
    },
    {
      sliceMs: 1,
      rest: () => {
        if (debts === 0) return true;
        debts--;
        log.push("rest");
        setImmediate(() => log.push("socket"));
        return false;
      },
    },
  );
  loop.work();
  while (!log.includes("step")) await sleep(1);
  assert.deepEqual(
    log.filter((what) => what !== "socket"),
    ["rest", "rest", "rest", "step"],
  );
  assert.ok(log.indexOf("socket") < log.indexOf("step"));
});
