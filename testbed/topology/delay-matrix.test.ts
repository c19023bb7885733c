import assert from "node:assert/strict";
import { test } from "node:test";
import { readDelayTable } from "./delay-matrix.ts";

const values = [
  [null, 1, 2],
  [3, null, null],
  [5, 6, null],
];
const names = ["rome", "new york", "oslo"];

test("tables are read alike with tabs, commas, semicolons and blanks, named or not", () => {
  const named: [string, string][] = [
    ["tabs with a corner", "city\trome\tnew york\toslo\nrome\t0\t1\t2\nnew york\t3\t0\t-\noslo\t5\t6\t0\n"],
    ["tabs with an empty corner", "\trome\tnew york\toslo\nrome\t0\t1\t2\nnew york\t3\t0\t\noslo\t5\t6\t0\n"],
    ["commas with quotes", '"x",rome,"new york",oslo\nrome,0,1,2\n"new york",3,0,NA\noslo,5,6,0\n'],
    ["a header without row names", "rome;new york;oslo\n0;1;2\n3;0;-\n5;6;0\n"],
    ["row names without a header", "rome\t0\t1\t2\nnew york\t3\t0\t-\noslo\t5\t6\t0"],
    [
      "a byte order mark and carriage returns",
      "\uFEFF,rome,new york,oslo\r\nrome,0,1,2\r\nnew york,3,0,-\r\noslo,5,6,0\r\n",
    ],
  ];
  for (const [form, text] of named) assert.deepEqual(readDelayTable(text, "m"), { names, values }, form);
  const bare: [string, string][] = [
    ["blanks and comments", "# measured in May\n0  1 2\n\n3  0 -\n5  6 0\n"],
    ["commas", "0,1,2\n3,0,\n5,6,0\n"],
  ];
  for (const [form, text] of bare) assert.deepEqual(readDelayTable(text, "m"), { values }, form);
});

test("a name of two rows is refused where it stands the second time", () => {
  assert.throws(
    () => readDelayTable("a\t0\t1\na\t1\t0\n", "m.tsv"),
    /^TopologyError: m\.tsv:2:1: "a" names two rows/,
  );
});
