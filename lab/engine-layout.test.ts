import assert from "node:assert/strict";
import { test } from "node:test";
import { layOut } from "./engine-layout.ts";

const node = (name: string, role = "worker", device = "pi4b", cores?: number) => ({
  ...{ name, role, device },
  ...(cores === undefined ? {} : { cores }),
});
const task = (name: string, parallelism: number, on?: string) => ({
  ...{ name, parallelism },
  ...(on === undefined ? {} : { on }),
});

test("every worker node gets a worker, though the job fills fewer", () => {
  const layout = layOut("l", [node("c", "coordinator"), node("a"), node("b")], [task("map", 1)]);
  assert.deepEqual(layout, {
    coordinator: "c",
    workers: [
      { node: "a", name: "a", role: "worker", slots: 1 },
      { node: "b", name: "b", role: "worker", slots: 1 },
    ],
  });
});

test("without a node for it the coordinator shares the first worker's", () => {
  assert.equal(layOut("l", [node("g", "generator"), node("a")], [task("map", 1)]).coordinator, "a");
});

test("nodes of another role have workers only where a task asks for that role", () => {
  const nodes = [node("a"), node("g", "generator"), node("x", "sink")];
  const { workers } = layOut("l", nodes, [task("source", 1, "generator"), task("map", 1)]);
  assert.deepEqual(
    workers.map(({ name, role }) => [name, role]),
    [
      ["g", "generator"],
      ["a", "worker"],
    ],
  );
});

test("slots of a node are shared out over as many processes as it has cores", () => {
  const { workers } = layOut("l", [node("a", "worker", "pi4b", 2)], [task("map", 1)], 5);
  assert.deepEqual(
    workers.map(({ name, slots }) => [name, slots]),
    [
      ["a", 2],
      ["a.2", 3],
    ],
  );
});

test("a node without a limit has a process for each slot, as many as the widest task needs", () => {
  const { workers } = layOut("l", [node("a", "worker", "none"), node("b", "worker", "none")], [task("m", 3)]);
  assert.deepEqual(
    workers.map(({ name, slots }) => [name, slots]),
    [
      ["a", 1],
      ["a.2", 1],
      ["b", 1],
      ["b.2", 1],
    ],
  );
});

test("too few slots and a missing role are refused with what would do", () => {
  assert.throws(() => layOut("l", [node("a"), node("b")], [task("map", 5)], 2), {
    code: "slots-lacking",
    message: /--slots 3/,
  });
  assert.throws(() => layOut("l", [node("a")], [task("source", 1, "generator")]), {
    code: "role-lacking",
    message: /task source wants nodes of role generator; lab l has none/,
  });
});
