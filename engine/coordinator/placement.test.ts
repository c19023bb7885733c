import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { place } from "./placement.ts";

const worker = (name: string, slots: number, role = "worker", host = name) => ({ name, slots, role, host });
const task = (name: string, parallelism: number, on?: string) => ({
  name,
  parallelism,
  ...(on === undefined ? {} : { on }),
});

test("subtasks spread over the workers, and tasks of equal width lie side by side", () => {
  const result = place([task("a", 3), task("b", 3)], [worker("x", 2), worker("y", 2)]);
  assert.deepEqual(result, {
    placed: [
      ["x", "y", "x"],
      ["x", "y", "x"],
    ],
  });
});

test("subtasks spread over machines before they share one, however many workers each has", () => {
  const workers = ["a", "a.2", "b", "b.2"].map((name) => worker(name, 1, "worker", name[0]));
  assert.deepEqual(place([task("map", 3)], workers), { placed: [["a", "b", "a.2"]] });
  assert.deepEqual(place([task("map", 2)], workers), { placed: [["a", "b"]] });
});

test("narrow tasks go where least is, not all to the first slot", () => {
  const result = place([task("a", 1), task("b", 1), task("c", 2)], [worker("x", 1), worker("y", 1)]);
  assert.deepEqual(result, { placed: [["x"], ["y"], ["x", "y"]] });
});

test("a task with a role stays on that role's workers, and what lacks is named", () => {
  const workers = [worker("x", 4), worker("g", 1, "generator")];
  assert.deepEqual(place([task("source", 1, "generator")], workers), { placed: [["g"]] });
  assert.deepEqual(place([task("source", 2, "generator")], workers), {
    lacking: { what: "slots of role generator", wanted: 2, there: 1 },
  });
});

test("a task that asks for no role stays off the workers of other roles", () => {
  const workers = [worker("a", 1, "generator"), worker("x", 1)];
  assert.deepEqual(place([task("map", 1)], workers), { placed: [["x"]] });
  assert.deepEqual(place([task("map", 2)], workers), { lacking: { what: "slots", wanted: 2, there: 1 } });
});

test("whatever the workers and widths: no slot holds two subtasks of a task, or the lack is real", () => {
  const workers = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
  const widths = fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(workers, widths, (slots, parallelisms) => {
      const offers = slots.map((count, index) => worker(`w${index}`, count));
      const result = place(
        parallelisms.map((parallelism, index) => task(`t${index}`, parallelism)),
        offers,
      );
      const total = slots.reduce((sum, count) => sum + count, 0);
      if ("lacking" in result) return Math.max(...parallelisms) > total;
      return result.placed.every((names, index) => {
        if (names.length !== parallelisms[index]) return false;
        return offers.every(
          ({ name, slots: most }) => names.filter((placed) => placed === name).length <= most,
        );
      });
    }),
  );
});
