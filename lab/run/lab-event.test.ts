import assert from "node:assert/strict";
import { test } from "node:test";
import { oneRun } from "#lab/experiment/experiment-for-tests.ts";
import { labEvent } from "./lab-event.ts";

const topology = async (...events: readonly string[]) => {
  const nodes = "nodes: { gen1: { role: generator }, 'w[1-8]': }";
  const { topology } = await oneRun("", { "folder/lab.yaml": `name: e\n${nodes}\nevents: [${events}]\n` });
  return topology;
};

test("an event of links says what it does to which, not its number alone", async () => {
  const made = await topology(
    "{ at: 1s, pairs: { to: w2 }, delay: 15ms, jitter: 2ms, for: 5s }",
    "{ at: 2s, pairs: { from: 'w[1-7]' }, delay: +5ms, loss: 0.5%, rate: 2Mbit/s }",
    "{ at: 3s, pairs: {}, duplicate: 1% }",
  );
  const texts = [1, 2, 3].map((number) => labEvent({ what: `event ${number} begins` }, made).text);
  assert.deepEqual(texts, [
    "event 1 begins: delay 15 ms, jitter 2 ms to w2",
    "event 2 begins: delay +5 ms, loss 0.5 %, rate 2 Mbit/s from w1, w2, w3, w4, w5 and 2 more",
    "event 3 begins: duplicates 1 % between all",
  ]);
  assert.deepEqual(labEvent({ what: "event 1 ends" }, made), { event: "network", text: "event 1 ends" });
});

test("what is not an event of links is told as the lab words it, with why it failed", async () => {
  const made = await topology("{ at: 1s, node: w1, do: crash }");
  assert.deepEqual(labEvent({ what: "w1: crash" }, made), { event: "node", text: "w1: crash" });
  assert.deepEqual(labEvent({ what: "by-hand-1 begins", failed: "no route" }, made), {
    event: "network",
    text: "by-hand-1 begins: failed: no route",
  });
});
