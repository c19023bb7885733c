/** The controller and every policy against a simulated job. `./brume bench policies --scenarios N` is the long form. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { contestants, fight } from "./contest.ts";
import { violations } from "./invariants.ts";
import { randomScenario } from "./scenario.ts";

const durationMs = 150_000;
const ours = contestants[0]!;

test("in random trouble our policy never acts while acting, leaves its bounds, uses lost nodes, swings or guesses", async () => {
  for (let seed = 1; seed <= 4; seed++) {
    const { bout, text } = randomScenario(seed, durationMs);
    assert.deepEqual(violations(await fight(ours, bout), bout), [], `seed ${seed}: ${text}`);
  }
});

test("published policies keep to the same rules in the same trouble", async () => {
  for (const [index, contestant] of contestants.entries()) {
    const { bout, text } = randomScenario(100 + index, durationMs / 2);
    assert.deepEqual(violations(await fight(contestant, bout), bout), [], `${contestant.name}: ${text}`);
  }
});

test("the same seed makes the same run", async () => {
  const once = async () => {
    const { bout } = randomScenario(7, 60_000);
    return (await fight(ours, bout)).lines;
  };
  assert.deepEqual(await once(), await once());
});
