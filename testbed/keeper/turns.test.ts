import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Turns } from "./turns.ts";

test("turns never overlap and come in the order of asking, whatever each of them takes or throws", async () => {
  const asks = fc.array(fc.record({ ticks: fc.nat(5), fails: fc.boolean() }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(asks, async (list) => {
      const turns = new Turns();
      const seen: string[] = [];
      const results = list.map(({ ticks, fails }, index) =>
        turns.take(async () => {
          seen.push(`begin ${index}`);
          for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
          seen.push(`end ${index}`);
          if (fails) throw new Error(`no ${index}`);
          return index;
        }),
      );
      const settled = await Promise.allSettled(results);
      assert.deepEqual(
        seen,
        list.flatMap((_, index) => [`begin ${index}`, `end ${index}`]),
      );
      for (const [index, { fails }] of list.entries()) {
        assert.equal(settled[index]!.status, fails ? "rejected" : "fulfilled");
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

test("a turn that throws at once, outside any promise, refuses its asker and no other", async () => {
  const turns = new Turns();
  const broken = turns.take(() => {
    throw new Error("broken");
  });
  const next = turns.take(() => "next");
  await assert.rejects(broken, /broken/);
  assert.equal(await next, "next");
});
