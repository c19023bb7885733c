import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EventHeap } from "./event-heap.ts";

test("whatever is pushed, popped and replaced, the top is the earliest that is left", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("push" as const), time: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ do: fc.constant("replace" as const), time: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ do: fc.constant("pop" as const), time: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new EventHeap(1);
      const model = new Map<number, number>();
      steps.forEach((each, id) => {
        if (each.do !== "push" && model.size === 0) return;
        if (each.do !== "push") model.delete(heap.topId);
        if (each.do === "push") heap.push(each.time, id);
        if (each.do === "replace") heap.replaceTop(each.time, id);
        if (each.do === "pop") heap.pop();
        if (each.do !== "pop") model.set(id, each.time);
        assert.equal(heap.size, model.size);
        assert.equal(heap.topTimeNs, Math.min(Infinity, ...model.values()));
        if (model.size > 0) assert.equal(model.get(heap.topId), heap.topTimeNs);
      });
    }),
  );
});

test("an empty heap has nothing due before Infinity", () => {
  const heap = new EventHeap(4);
  assert.equal(heap.topTimeNs, Infinity);
  heap.push(5, 1);
  heap.pop();
  assert.equal(heap.topTimeNs, Infinity);
});
