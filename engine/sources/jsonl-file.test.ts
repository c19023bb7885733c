import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { EngineError } from "../engine-error.ts";
import { schema } from "../records/schema.ts";
import { fileOf, openFile } from "./file-access.ts";
import { LineBlocks } from "./jsonl-blocks.ts";
import { fieldValue, WrongValue } from "./jsonl-fields.ts";
import { jsonlSource } from "./jsonl-file.ts";
import { SourceHarness } from "./source-for-tests.ts";

const readings = schema({ at: "timestamp", name: "utf8", value: "float64?" });

const harnessOf = (content: string, at: ConstructorParameters<typeof SourceHarness>[1] = {}) => {
  const spec = jsonlSource({
    path: "f.jsonl",
    schema: readings,
    time: "at",
    blockBytes: 40,
    open: () => fileOf("f.jsonl", content),
  });
  return new SourceHarness(spec.make(["at", "name", "value"], readings, true), at);
};

test("every line is in one block, whatever the size of blocks and lines", () => {
  const lines = fc.array(fc.string({ maxLength: 30, unit: "grapheme" }), { maxLength: 30 });
  fc.assert(
    fc.property(
      lines,
      fc.integer({ min: 1, max: 50 }),
      fc.boolean(),
      (texts, blockBytes, endsWithNewline) => {
        const plain = texts.map((text) => text.replaceAll(/\s/g, "_"));
        const blocks = new LineBlocks(
          fileOf("f", plain.join("\n") + (endsWithNewline ? "\n" : "")),
          blockBytes,
        );
        const found = Array.from({ length: blocks.count }, (_, block) => blocks.lines(block)).flat();
        assert.deepEqual(
          found.map(({ text }) => text),
          plain.filter((text) => text !== ""),
        );
        for (const { text, at } of found) assert.equal(plain[blocks.lineNumber(at) - 1], text);
      },
    ),
  );
});

const events = fc.array(fc.record({ at: fc.nat(1000), name: fc.string({ maxLength: 8 }) }), {
  maxLength: 60,
});
const fileFor = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

test("a replay gives every line once, over a rescale too, and none behind its watermark", () => {
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), (rows, from, to) => {
      const content = fileFor(rows);
      const take = (harness: SourceHarness, batches?: number) => {
        const taken: unknown[] = [];
        for (let at = 0; at < (batches ?? rows.length); at++) {
          const { watermarkMs } = harness.source;
          for (const { at: time, name } of harness.rows(0, 1)) {
            assert.ok(Number(time) >= watermarkMs);
            taken.push({ at: time, name });
          }
        }
        return taken;
      };
      const first = Array.from({ length: from }, (_, subtask) =>
        harnessOf(content, { subtask, parallelism: from }),
      );
      const before = first.flatMap((harness, subtask) => take(harness, subtask + 1));
      const restore = first.flatMap((harness) => harness.snapshot());
      const after = Array.from({ length: to }, (_, subtask) =>
        take(harnessOf(content, { subtask, parallelism: to, restore })),
      );
      const sorted = (all: readonly unknown[]) => all.map((row) => JSON.stringify(row)).sort();
      assert.deepEqual(sorted([...before, ...after.flat()]), sorted(rows));
    }),
  );
});

test("times are ISO 8601, UTC where no zone is said, and no other text that looks like one", () => {
  const at = schema({ at: "timestamp" }).columns[0]!;
  const midnightMs = 1_436_918_400_000;
  const times: [string, number][] = [
    ["2015-07-15", midnightMs],
    ["2015-07-15T00:00:00", midnightMs],
    ["2015-07-15T00:00:00.250", midnightMs + 250],
    ["2015-07-15T00:00Z", midnightMs],
    ["2015-07-15T02:00:00+02:00", midnightMs],
  ];
  const { TZ } = process.env;
  process.env.TZ = "America/New_York";
  try {
    for (const [text, timeMs] of times) assert.equal(fieldValue(at, text), timeMs, text);
  } finally {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  }
  for (const text of ["item 5", "5", "", "2015", "2015-02-30", "2015-07-15T25:00", "July 15, 2015"]) {
    assert.ok(fieldValue(at, text) instanceof WrongValue, text);
  }
});

test("times may be ISO texts, and what may be null may be left out", () => {
  const content = '{"at":"2015-07-15T00:00:00Z","name":"a"}\n\n{"at":5,"name":"b","value":1.5,"more":1}\n';
  assert.deepEqual(harnessOf(content).rows(), [
    { at: 1_436_918_400_000, name: "a", value: null, $time: 1_436_918_400_000 },
    { at: 5, name: "b", value: 1.5, $time: 5 },
  ]);
});

test("a bad line is refused with file, line, column and what is wrong", () => {
  const good = '{"at":1,"name":"a"}\n';
  const cases: [string, RegExp][] = [
    ['{"at":1,"name" "a"}', /^f\.jsonl:3:16: not JSON: /],
    ['  {"at":1,"name" "a"}', /^f\.jsonl:3:18: not JSON: /],
    ['\t{"at":"item 5","name":"a"}', /^f\.jsonl:3:2: field at is "item 5" and must be milliseconds/],
    ["[1]", /^f\.jsonl:3:1: is \[1\], which is no object/],
    ['{"at":"yesterday","name":"a"}', /^f\.jsonl:3:1: field at is "yesterday" and must be milliseconds/],
    ['{"at":1}', /^f\.jsonl:3:1: field name is missing and must be text/],
    ['{"at":1,"name":"a","value":"x"}', /^f\.jsonl:3:1: field value is "x" and must be a number/],
  ];
  for (const [line, message] of cases) {
    assert.throws(
      () => harnessOf(good + good + line).rows(),
      (error: Error) =>
        error instanceof EngineError && error.code === "bad-line" && message.test(error.message),
      line,
    );
  }
});

test("a file on disk is read, and one that is not there is refused by name", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "jsonl-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "f.jsonl");
  writeFileSync(
    path,
    fileFor([
      { at: 1, name: "a" },
      { at: 2, name: "b" },
    ]),
  );
  const { source } = new SourceHarness(jsonlSource({ path, schema: readings }).make([], readings, true));
  const polled = source.poll(0);
  assert.equal(polled.is === "batch" && polled.batch.rowCount, 2);
  source.close?.();
  assert.throws(() => openFile(join(folder, "none.jsonl")), /none\.jsonl: there is no such file/);
  assert.throws(() => openFile(folder), /it is a folder/);
});
