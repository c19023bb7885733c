import assert from "node:assert/strict";
import { test } from "node:test";
import { overHosts } from "./parallel.ts";
import { Turnstile } from "./turnstile.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("no more machines than allowed are worked on at once, and results keep their order", async () => {
  let running = 0;
  let most = 0;
  const results = await overHosts([5, 1, 4, 2, 3], 2, async (turns) => {
    most = Math.max(most, ++running);
    for (let left = turns; left > 0; left -= 1) await turn();
    running -= 1;
    return turns * 10;
  });
  assert.deepEqual([results, most], [[50, 10, 40, 20, 30], 2]);
});

test("one machine's failure is told when the others are done", async () => {
  const done: number[] = [];
  const work = async (item: number) => {
    await turn();
    if (item % 2 === 1) throw new Error(`machine ${item}`);
    done.push(item);
  };
  await assert.rejects(overHosts([1, 2, 3, 4], 4, work), /machine 1/);
  assert.deepEqual(done, [2, 4]);
});

test("a turnstile lets the next one in when one leaves, once", async () => {
  const turnstile = new Turnstile(1);
  const leave = await turnstile.enter();
  const inside: string[] = [];
  const come = async (name: string) => {
    const out = await turnstile.enter();
    inside.push(name);
    return out;
  };
  const second = come("second");
  const third = come("third");
  leave();
  leave();
  await second;
  await turn();
  assert.deepEqual(inside, ["second"]);
  (await second)();
  await third;
});
