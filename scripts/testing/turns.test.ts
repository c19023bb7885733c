import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns } from "./turns.ts";

const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

test("what measures begins when all that waits is over, one at a time", async () => {
  const said: string[] = [];
  const turns = new Turns(2);
  const stage = (name: string, steps: number) =>
    turns.run(
      async () => {
        for (let step = 0; step < steps; step++) await soon();
        said.push(`${name} waited`);
        return name;
      },
      async (before) => {
        said.push(`${before} begins`);
        await soon();
        said.push(`${before} ends`);
        return before;
      },
    );
  assert.deepEqual(await Promise.all([stage("slow", 5), stage("fast", 1)]), ["slow", "fast"]);
  assert.deepEqual(said, [
    "fast waited",
    "slow waited",
    ...["fast begins", "fast ends"],
    ...["slow begins", "slow ends"],
  ]);
});

test("a stage that fails holds nobody up, whichever part of it does", async () => {
  const turns = new Turns(3);
  const failing = turns.run(
    () => Promise.reject(new Error("no place")),
    async () => "measured",
  );
  const broken = turns.run(soon, () => Promise.reject(new Error("no link")));
  const sound = turns.run(soon, async () => "measured");
  await assert.rejects(failing, /no place/);
  await assert.rejects(broken, /no link/);
  assert.equal(await sound, "measured");
});
