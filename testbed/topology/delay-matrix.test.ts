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

test("names may be whole numbers where the same stand along the top and down the side, as pandas writes them", () => {
  const of = (text: string) => readDelayTable(text, "m.csv");
  const right = { names: ["0", "1", "2"], values };
  assert.deepEqual(of(",0,1,2\n0,0,1,2\n1,3,0,\n2,5,6,0\n"), right);
  assert.deepEqual(of("id,0,1,2\n0,0,1,2\n1,3,0,NaN\n2,5,6,0\n"), right);
  assert.throws(() => of(",0,1\n1,0,1\n0,3,0\n"), /m\.csv:2:1: row 1 is named "1", column 1 "0"/);
  // Without names, an empty first cell is a node's delay to itself.
  assert.deepEqual(of(",1,2\n3,,\n5,6,\n"), { values });
});

for (const [cell, said] of [
  ["1e400", '"1e400" is too large'],
  ["x", '"x" is not a number'],
  ["Infinity", '"Infinity" is not a number'],
] as const) {
  test(`${cell} is refused as a delay, also of a node to itself`, () => {
    assert.throws(() => readDelayTable(`0,${cell}\n1,0\n`, "m.csv"), {
      message: `m.csv:1:3: ${said}\n  fix: write a number, or - where nothing was measured`,
    });
    assert.throws(() => readDelayTable(`0,1\n1,${cell}\n`, "m.csv"), {
      message: `m.csv:2:3: ${said}\n  fix: write a number, or - where nothing was measured`,
    });
  });
}
