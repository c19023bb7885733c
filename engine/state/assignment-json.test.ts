import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Assignment, evenAssignment } from "./assignment.ts";
import { assignmentFromJson, assignmentToJson } from "./assignment-json.ts";

test("a table reads as one list of ranges for each subtask", () => {
  assert.deepEqual(assignmentToJson(evenAssignment(128, 3)), {
    format: 1,
    version: 1,
    maxParallelism: 128,
    subtasks: ["0-42", "43-85", "86-127"],
  });
});

test("any table comes back from its JSON as it was", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }).chain((parallelism) =>
        fc.record({
          version: fc.integer({ min: 1 }),
          parallelism: fc.constant(parallelism),
          subtaskOf: fc.uint16Array({ min: 0, max: parallelism - 1, minLength: 5, maxLength: 40 }),
        }),
      ),
      (assignment: Assignment) => {
        const text = JSON.stringify(assignmentToJson(assignment));
        const back = assignmentFromJson(JSON.parse(text));
        assert.deepEqual([...back.subtaskOf], [...assignment.subtaskOf]);
        assert.deepEqual([back.version, back.parallelism], [assignment.version, assignment.parallelism]);
      },
    ),
  );
});

test("a table that leaves a group out, gives it twice or has no such group is refused by its number", () => {
  const read =
    (...subtasks: string[]) =>
    () =>
      assignmentFromJson({ format: 1, version: 1, maxParallelism: 8, subtasks });
  assert.throws(read("0-3", "5-7"), { code: "owned-by-none", keyGroup: 4, message: /group 4 .* no subtask/ });
  assert.throws(read("0-4", "4-7"), { code: "owned-twice", keyGroup: 4, message: /subtask 0 and subtask 1/ });
  assert.throws(read("0-3,3", "4-7"), { code: "owned-twice", keyGroup: 3, message: /subtask 0 twice/ });
  assert.throws(read("0-3", "4-8"), { code: "no-such-group", keyGroup: 8, message: /0 to 7/ });
  assert.throws(read("3-0", "4-7"), { code: "bad-range", keyGroup: 3 });
  assert.throws(read("0-3", "4 to 7"), { code: "bad-range", message: /"4 to 7"/ });
  assert.throws(read(), { code: "bad-parallelism" });
});

test("a document of another format or shape is refused with what is wrong in it", () => {
  const good = assignmentToJson(evenAssignment(8, 2));
  assert.throws(() => assignmentFromJson({ ...good, format: 2 }), {
    message: /format is 2; .* reads format 1/,
  });
  assert.throws(() => assignmentFromJson({ ...good, version: 0 }), { message: /version is 0/ });
  assert.throws(() => assignmentFromJson({ ...good, maxParallelism: "8" }), { message: /maxParallelism/ });
  assert.throws(() => assignmentFromJson({ ...good, subtasks: [1] }), { message: /subtasks/ });
  assert.throws(() => assignmentFromJson(null), { message: /not an object/ });
});
