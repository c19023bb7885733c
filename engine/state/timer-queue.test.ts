import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TimerQueue } from "./timer-queue.ts";

test("timers of integer keys pop by time, then by key, each once, up to the time that is asked for", () => {
  const timer = fc.tuple(
    fc.integer({ min: -3, max: 9 }),
    fc.oneof(fc.integer({ min: -3, max: 3 }), fc.maxSafeInteger()),
  );
  const steps = fc.array(fc.tuple(fc.constantFrom("add", "add", "remove", "pop"), timer), {
    maxLength: 200,
    size: "max",
  });
  fc.assert(
    fc.property(steps, (all) => {
      const { event } = new TimerQueue("integer", 128);
      const model = new Map<string, [number, number]>();
      const inOrder = () => [...model.values()].sort(([t, k], [u, l]) => t - u || k - l);
      for (const [what, [timeMs, key]] of all) {
        const name = `${timeMs}/${key}`;
        if (what === "add") {
          assert.equal(event.add(timeMs, key), !model.has(name));
          model.set(name, [timeMs, key]);
        } else if (what === "remove") assert.equal(event.remove(timeMs, key), model.delete(name));
        else {
          const due = inOrder().find(([time]) => time <= timeMs);
          assert.equal(event.pop(timeMs), due !== undefined);
          if (due === undefined) continue;
          assert.deepEqual([event.timeMs, event.key], due);
          model.delete(`${due[0]}/${due[1]}`);
        }
        assert.equal(event.size, model.size);
        assert.equal(event.nextMs, inOrder()[0]?.[0] ?? Number.POSITIVE_INFINITY);
      }
    }),
  );
});

test("a time or key that is no safe integer is refused", () => {
  const { processing } = new TimerQueue("integer", 128);
  assert.throws(() => processing.add(Number.POSITIVE_INFINITY, 1), RangeError);
  assert.throws(() => processing.add(1, 0.5), RangeError);
  assert.equal(processing.size, 0);
});

test("a timer is in the key group of its key, whatever its time", () => {
  const { event } = new TimerQueue("utf8", 128);
  for (const timeMs of [1, 2, 3]) event.addBytes(timeMs, Buffer.from("word"), 0, 4);
  assert.deepEqual([...event.table.keyGroups.subarray(0, 3)], [93, 93, 93]);
});
