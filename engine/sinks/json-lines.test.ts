import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { batchOf } from "../operators/operator-harness-for-tests.ts";
import { schema } from "../records/schema.ts";
import { JsonLines } from "./json-lines.ts";

const fields = schema({
  whole: "integer",
  small: "int32",
  real: "float64",
  yes: "bool",
  text: "utf8?",
  raw: "bytes",
  at: "timestamp?",
});
const rows = fc.array(
  fc.record({
    whole: fc.maxSafeInteger(),
    small: fc.integer(),
    real: fc.double(),
    yes: fc.boolean(),
    text: fc.option(fc.string({ unit: "binary" })),
    raw: fc.uint8Array(),
    at: fc.option(fc.nat(2 ** 45)),
  }),
  { maxLength: 20 },
);

test("every line is the row as JSON says it, to the byte", () => {
  fc.assert(
    fc.property(rows, (given) => {
      const lines = new JsonLines(fields);
      lines.write(batchOf(fields, given));
      const wanted = given.map((row) => {
        const raw = Buffer.from(row.raw).toString("base64");
        // Lone halves of surrogate pairs are no text: columns hold U+FFFD in their place.
        return JSON.parse(JSON.stringify({ ...row, text: row.text?.toWellFormed() ?? null, raw }));
      });
      const text = new TextDecoder().decode(lines.take());
      assert.deepEqual(
        text
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line)),
        wanted,
      );
      assert.equal(lines.length, 0);
    }),
  );
});

test("integers of all lengths are written digit by digit as they are", () => {
  const whole = schema({ whole: "integer" });
  const values = [0, -0, 7, -10, 999_999_999, 1_000_000_000, 1_000_000_001, -(2 ** 53 - 1), 123_456_789_012];
  const lines = new JsonLines(whole);
  lines.write(
    batchOf(
      whole,
      values.map((value) => ({ whole: value })),
    ),
  );
  const wanted = values.map((value) => `{"whole":${value}}\n`).join("");
  assert.equal(new TextDecoder().decode(lines.take()), wanted);
});

test("control characters, quotes and backslashes are escaped; wrapped lines have one key around them", () => {
  const text = schema({ text: "utf8" });
  const lines = new JsonLines(text, "bid");
  lines.write(batchOf(text, [{ text: 'a"b\\c\n\u0001' }]));
  assert.equal(new TextDecoder().decode(lines.take()), '{"bid":{"text":"a\\"b\\\\c\\u000a\\u0001"}}\n');
  const empty = new JsonLines(schema({}));
  empty.write(batchOf(schema({}), [{}, {}]));
  assert.equal(new TextDecoder().decode(empty.take()), "{}\n{}\n");
});
