import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme", maxLength: 200 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
);

test("text becomes the bytes that Buffer makes of it, lone surrogates too, at any place and length", () => {
  fc.assert(
    fc.property(anyText, fc.nat(9), (text, at) => {
      const into = new Uint8Array(at + text.length * 3);
      const end = encodeUtf8(text, into, at);
      assert.deepEqual([...into.subarray(at, end)], [...Buffer.from(text)]);
      assert.ok(into.subarray(0, at).every((byte) => byte === 0));
    }),
  );
});

test("bytes become the text that they were made of", () => {
  fc.assert(
    fc.property(anyText, fc.nat(9), (text, at) => {
      const well = text.toWellFormed();
      const bytes = Buffer.concat([Buffer.alloc(at, 65), Buffer.from(well), Buffer.from("é")]);
      assert.equal(decodeUtf8(bytes, at, bytes.length - 2), well);
    }),
  );
});

test("a byte order mark at the start of a text is kept", () => {
  for (const text of ["\ufeff", "\ufeffkey", `\ufeff${"long".repeat(50)}`]) {
    const bytes = Buffer.from(text);
    assert.equal(decodeUtf8(bytes, 0, bytes.length), text);
  }
});

test("a text of a megabyte goes there and back", () => {
  const text = "aé€😀".repeat(200_000);
  const into = new Uint8Array(text.length * 3);
  assert.equal(decodeUtf8(into, 0, encodeUtf8(text, into, 0)), text);
});
