import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import type { Outcome } from "./stage.ts";
import { runTestFiles } from "./test-stage.ts";

const root = resolve(import.meta.dirname, "../..");

/** `shared` stands beside the files and is not run by itself. */
async function outcomeOf(
  files: Readonly<Record<string, string>>,
  timeoutMs = 30_000,
  shared = "",
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "brume-reporter-"));
  try {
    writeFileSync(join(folder, "shared.mjs"), shared);
    const paths = Object.entries(files).map(([name, text]) => {
      const path = join(folder, name);
      writeFileSync(
        path,
        `import { describe, test } from "node:test";\nimport assert from "node:assert/strict";\n${text}`,
      );
      return path;
    });
    // A test of the runner inside the runner: node:test must not take the inner run for a part of the outer one.
    const { NODE_TEST_CONTEXT: _outer, ...env } = process.env;
    const place = { root, node: process.execPath, become: [], env, stateFolder: folder, folder };
    return await runTestFiles(place, paths, { filesAtOnce: 2, testTimeoutMs: 20_000, timeoutMs });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("tests are counted one by one, wherever they stand, and a parent is not counted for its child", async () => {
  const { passed, failed, skipped, output } = await outcomeOf({
    "a.mjs": `
      test("good", () => {});
      test("bad", () => assert.equal(1, 2));
      test("left out", { skip: "needs a moon" }, () => {});
      test("later", { todo: true }, () => { throw new Error("not yet"); });
      describe("suite", () => { test("good", () => {}); test("bad", () => { throw new Error("inner reason"); }); });
      test("parent", async (t) => { await t.test("good", () => {}); await t.test("bad", () => { throw new Error("x"); }); });
    `,
  });
  assert.deepEqual([passed, failed], [3, 3]);
  assert.equal(skipped.length, 2);
  assert.match(skipped[0]!, /a\.mjs:6: left out: needs a moon$/);
  assert.match(skipped[1]!, /later: to do$/);
  assert.match(output, /inner reason/);
  assert.doesNotMatch(output, /node:internal/);
});

test("a file that does not load is one failure, and what it printed is shown", async () => {
  const { passed, failed, output } = await outcomeOf({
    "a.mjs": 'console.log("on the way"); throw new Error("cannot load");',
    "b.mjs": 'test("good", () => {});',
  });
  assert.deepEqual([passed, failed], [1, 1]);
  assert.match(output, /on the way/);
  assert.match(output, /cannot load/);
});

test("a run that does not end in time is one failure that says so", async () => {
  const { passed, failed, output } = await outcomeOf(
    { "a.mjs": 'test("hangs", () => new Promise((resolve) => setTimeout(resolve, 1e6)));' },
    1500,
  );
  assert.deepEqual([passed, failed], [0, 1]);
  assert.match(output, /not done after 1\.5 s/);
});

test("a test that stands in a module which files share counts as that of the file that was run", async () => {
  const shared = `import { test } from "node:test"; export default (is) => test("shared", () => { if (!is) throw new Error("no"); });`;
  const { files = [] } = await outcomeOf(
    {
      "a.mjs": 'import shared from "./shared.mjs"; shared(true);',
      "b.mjs": 'import shared from "./shared.mjs"; shared(false); test("own", () => {});',
    },
    30_000,
    shared,
  );
  const told = files.map(({ file, passed, failed }) => [file.replace(/.*\//, ""), passed, failed]);
  assert.deepEqual(told, [
    ["a.mjs", 1, 0],
    ["b.mjs", 1, 1],
  ]);
});
