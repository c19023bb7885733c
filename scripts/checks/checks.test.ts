import assert from "node:assert/strict";
import { test } from "node:test";
import { checkArrows } from "./check-arrows.ts";
import { checkBanned } from "./check-banned.ts";
import { checkLengths, failAboveLines, warnAboveLines } from "./check-lengths.ts";
import { checkLinks } from "./check-links.ts";
import { checkNames } from "./check-names.ts";
import { findingText } from "./finding.ts";
import { importsOf } from "./imports.ts";
import { rooms } from "./rooms.ts";

const file = (path: string, text = "") => ({ path, text });

test("imports are found in every form, each on its own line", () => {
  const text = [
    'import { a } from "./a.ts";',
    "import {",
    "  b,",
    '} from "#engine/b.ts";',
    'export { c } from "./c.ts";',
    'import "./d.ts";',
    'const e = await import("./e.ts");',
    'const f = new URL("./f.ts", import.meta.url);',
    '// import { no } from "./comment.ts";',
    ' * import("./no.ts")',
    'const text = `import of "x" from "./string.ts"`;',
  ].join("\n");
  assert.deepEqual(
    importsOf(text).map(({ specifier, line }) => `${line} ${specifier}`),
    ["1 ./a.ts", "4 #engine/b.ts", "5 ./c.ts", "6 ./d.ts", "7 ./e.ts", "8 ./f.ts"],
  );
});

test("exactly the design's arrows between rooms are allowed", () => {
  const allowed: string[] = [];
  for (const from of rooms) {
    for (const to of rooms) {
      const found = checkArrows([file(`${from}/x.ts`, `import { y } from "#${to}/y.ts";\n`)]);
      if (from !== to && found.length === 0) allowed.push(`${from} > ${to}`);
    }
  }
  assert.deepEqual(allowed, [
    "lab > testbed",
    "lab > engine",
    "lab > autoscaler",
    ...rooms.filter((room) => room !== "scripts").map((room) => `scripts > ${room}`),
  ]);
});

test("a forbidden import is told with file, line, reason and remedy", () => {
  const [found] = checkArrows([file("engine/deep/x.ts", '\nimport { lab } from "../../testbed/lab.ts";\n')]);
  assert.equal(
    findingText(found!),
    "engine/deep/x.ts:2: engine imports ../../testbed/lab.ts: engine imports no other room\n" +
      "  instead: say what is needed as a small interface in this room, and let lab/ or scripts/ bring the two together",
  );
});

test("a relative path out of a room is refused even where the arrow is allowed", () => {
  const [found] = checkArrows([file("scripts/x.ts", 'import { lab } from "../testbed/lab.ts";\n')]);
  assert.match(found!.what, /leaves scripts\/ by a relative path/);
  assert.equal(found!.instead, 'import "#testbed/lab.ts"');
});

test("packages, Node's modules and files of the same room pass", () => {
  const text = 'import fs from "node:fs";\nimport { z } from "zod";\nimport { a } from "../a.ts";\n';
  assert.deepEqual(checkArrows([file("testbed/nodes/x.ts", text)]), []);
});

test("code among data and topologies is refused", () => {
  assert.equal(
    checkArrows([file("data/read.py"), file("topologies/x.ts"), file("data/cities.tsv")]).length,
    2,
  );
});

test("barrels and names without a subject are refused", () => {
  const files = [
    "testbed/index.ts",
    "engine/utils/sum.ts",
    "lab/test-helpers.ts",
    "testbed/common.ts",
    "lab/backoff.ts",
  ];
  assert.deepEqual(
    checkNames(files.map((path) => file(path))).map(({ path }) => path),
    files.slice(0, 4),
  );
});

test("length warns above one limit, fails above the other, and leaves tests alone", () => {
  const lines = (count: number) => "x\n".repeat(count);
  const found = checkLengths([
    file("lab/a.ts", lines(warnAboveLines)),
    file("lab/b.ts", lines(warnAboveLines + 1)),
    file("lab/c.ts", lines(failAboveLines + 1)),
    file("lab/d.test.ts", lines(failAboveLines + 1)),
  ]);
  assert.deepEqual(
    found.map(({ path, warning }) => [path, warning]),
    [
      ["lab/b.ts", true],
      ["lab/c.ts", false],
    ],
  );
});

test("what is banned is found where it is banned and nowhere else", () => {
  const found = checkBanned([
    file("lab/a.test.ts", "test.only('x', () => {});"),
    file("testbed/b.ts", "const x = Math.random();\n// @ts-ignore\nconsole.log(x); // TODO later"),
    file("scripts/c.ts", "console.log(Math.random());"),
    file("testbed/keeper/main.ts", "console.log(1);"),
  ]);
  assert.deepEqual(
    found.map(({ path, line }) => `${path}:${line}`),
    ["lab/a.test.ts:1", "testbed/b.ts:1", "testbed/b.ts:2", "testbed/b.ts:3", "testbed/b.ts:3"],
  );
});

test("a link that leads nowhere is told by its line; pages elsewhere and places in a page are not looked at", () => {
  const text = "[a](../lab/a.ts#L1)\n[b](gone.md) [c](https://example.org/x) [d](#here) [e](../lab/)\n";
  const found = checkLinks([file("docs/page.md", text), file("lab/a.ts")]);
  assert.deepEqual(
    found.map(({ line, what }) => [line, what]),
    [[2, "gone.md leads nowhere"]],
  );
});
