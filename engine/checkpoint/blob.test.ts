import assert from "node:assert/strict";
import { test } from "node:test";
import { BlobReader, BlobWriter } from "./blob.ts";

function blobOf(...texts: string[]) {
  const writer = new BlobWriter();
  const locations = texts.map((text) => writer.add([text], (bytes) => bytes.bytes(Buffer.from(text))));
  return { bytes: writer.finish().slice(), locations };
}

test("each segment comes back by its location", () => {
  const { bytes, locations } = blobOf("one", "", "three");
  const reader = new BlobReader("b", bytes);
  const texts = locations.map((location) => Buffer.from(reader.segment(location, "it")).toString());
  assert.deepEqual(texts, ["one", "", "three"]);
});

test("a segment that need not be stored takes no room", () => {
  const writer = new BlobWriter();
  writer.add(
    ["a"],
    (bytes) => bytes.byte(1),
    () => true,
  );
  assert.ok(writer.isEmpty);
  assert.equal(writer.finish().length, new BlobWriter().finish().length);
});

test("a blob with any one byte changed, or cut anywhere, is refused by its name", () => {
  const { bytes, locations } = blobOf("one", "two");
  const readAll = (changed: Uint8Array): void => {
    const reader = new BlobReader("jobs/j/5/0-1", changed);
    for (const location of locations) reader.segment(location, 'state "sums" of operator "o"');
  };
  readAll(bytes);
  const refused = (error: { code?: string; message: string }): boolean =>
    ["corrupt-snapshot", "snapshot-version"].includes(error.code ?? "") &&
    /^blob jobs\/j\/5\/0-1\b.*\n {2}fix: start/.test(error.message);
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at]! ^= 4;
    assert.throws(() => readAll(changed), refused, `byte ${at}`);
    assert.throws(() => readAll(bytes.slice(0, at)), refused, `cut to ${at}`);
  }
  const changed = bytes.slice();
  changed[locations[1]!.offset]! ^= 1;
  assert.throws(() => readAll(changed), {
    code: "corrupt-snapshot",
    message: /state "sums" of operator "o"/,
  });
});

test("a blob of a later version is refused as such", () => {
  const { bytes } = blobOf("one");
  bytes[7] = 2;
  assert.throws(() => new BlobReader("b", bytes), {
    code: "snapshot-version",
    message: /version 2.*reads version 1/,
  });
});
