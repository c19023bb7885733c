import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { table } from "./table.ts";

test("texts stand to the left, numbers to the right, and a column that mixes them to the left", () => {
  const text = table(
    ["node", "packets", "queue"],
    [
      ["a", 7, 12],
      ["long-name", 12345, "-"],
    ],
  );
  assert.equal(
    text,
    [
      "node       packets  queue", //
      "a                7  12",
      "long-name    12345  -",
    ].join("\n"),
  );
});

test("without rows only the head is left", () => {
  assert.equal(table(["lab", "state"], []), "lab  state");
});

test("a row that is too short leaves its last cells empty", () => {
  assert.equal(table(["a", "b"], [["x"], ["y", "z"]]), "a  b\nx\ny  z");
});

test("no line ends in a blank, and every cell is found in its line whatever its length", () => {
  const cell = fc.oneof(fc.integer(), fc.string({ unit: fc.constantFrom("a", "b", "-", "1"), minLength: 1 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1 }), (rows) => {
      const lines = table(["x", "y", "z"], rows).split("\n");
      assert.equal(lines.length, rows.length + 1);
      for (const [index, row] of rows.entries()) {
        const line = lines[index + 1]!;
        assert.equal(line, line.trimEnd());
        assert.deepEqual(line.trim().split(/ {2,}/), row.map(String));
      }
    }),
    { seed: 14 },
  );
});
