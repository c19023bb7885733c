import assert from "node:assert/strict";
import { test } from "node:test";
import { fabricPassMs, tunnelDelayMs } from "./tunnel-delay.ts";

/** Round trips by address, each a little worse every second time. */
const network = (there: number | undefined, here = 0.2) => {
  let asked = 0;
  return async (address: string) => {
    const least = address === "127.0.0.1" ? here : there;
    return least === undefined ? undefined : least + (asked++ % 2);
  };
};

test("a way is half of the least round trip, less what asking costs and one pass through the fabric", async () => {
  const delayMs = await tunnelDelayMs("10.128.0.3", 0, network(4.2));
  assert.ok(Math.abs(delayMs - (2 - fabricPassMs)) < 1e-9);
});

test("a way that is not to be told from none is none", async () => {
  assert.equal(await tunnelDelayMs("10.128.0.3", 0, network(0.21)), 0);
});

test("where nothing is refused nothing is known", async () => {
  assert.equal(await tunnelDelayMs("10.128.0.3", 0, network(undefined)), 0);
});

test("a machine that is asked in a row is awake, and asked with pauses is met asleep", async () => {
  let askedMs = Number.NEGATIVE_INFINITY;
  const sleepy = async (address: string) => {
    const isAwake = performance.now() - askedMs < 5;
    askedMs = performance.now();
    return address === "127.0.0.1" ? 0 : isAwake ? 1 : 3;
  };
  assert.ok(Math.abs((await tunnelDelayMs("10.128.0.3", 0, sleepy)) - (0.5 - fabricPassMs)) < 1e-9);
  assert.ok(Math.abs((await tunnelDelayMs("10.128.0.3", 10, sleepy)) - (1.5 - fabricPassMs)) < 1e-9);
});
