import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { NodeUsage } from "#testbed/nodes/node.ts";
import { UsageWatch } from "./usage-watch.ts";

/** A clock that is moved by hand. A sleep is over when all that can be done without one is done. */
class Clock {
  ms = 0;
  nowMs = () => this.ms;
  sleep = async () => void (await setImmediate());
}

const node = (name: string, usage: () => Promise<NodeUsage>) => ({ name, usage });
const used = (cpuSeconds: number): NodeUsage => ({ processes: 1, cpuSeconds });

test("a slow node holds up nobody, is not asked twice at once, and its answer counts when it came", async () => {
  const clock = new Clock();
  const answers: ((usage: NodeUsage) => void)[] = [];
  const slow = node("slow", () => new Promise((resolve) => answers.push(resolve)));
  const watch = new UsageWatch([node("quick", async () => used(3)), slow], clock);
  assert.deepEqual(await watch.usage(), { quick: { atMs: 0, cpuSeconds: 3 } });
  clock.ms = 1_000;
  await watch.usage();
  assert.equal(answers.length, 1);
  clock.ms = 2_000;
  answers[0]!(used(5));
  const later = await watch.usage();
  assert.deepEqual(later.slow, { atMs: 1_000, cpuSeconds: 5 });
});

test("a node that fails keeps its last reading with its time, and is asked again", async () => {
  const clock = new Clock();
  let fails = false;
  const watch = new UsageWatch(
    [
      node("gone", async () => {
        if (fails) throw new Error("out of reach");
        return used(clock.ms);
      }),
    ],
    clock,
  );
  await watch.usage();
  fails = true;
  clock.ms = 5_000;
  assert.deepEqual(await watch.usage(), { gone: { atMs: 0, cpuSeconds: 0 } });
  fails = false;
  clock.ms = 6_000;
  assert.deepEqual(await watch.usage(), { gone: { atMs: 6_000, cpuSeconds: 6_000 } });
});

test("a node of which nothing is counted is left out, and left in peace for a while", async () => {
  const clock = new Clock();
  let asked = 0;
  const watch = new UsageWatch(
    [
      node("uncounted", async () => {
        asked += 1;
        return { processes: 2 };
      }),
    ],
    clock,
  );
  for (clock.ms = 0; clock.ms < 29_000; clock.ms += 1_000) assert.deepEqual(await watch.usage(), {});
  assert.equal(asked, 1);
  clock.ms = 31_000;
  await watch.usage();
  assert.equal(asked, 2);
});
