import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ArchiveEntry, cpioArchive } from "./cpio.ts";

/** As the kernel reads it: a head of fixed length, a name, a content, each ended at a multiple of four. */
function read(archive: Buffer): { path: string; mode: number; bytes: Buffer }[] {
  const members = [];
  for (let at = 0; ; ) {
    assert.equal(archive.toString("latin1", at, at + 6), "070701");
    const field = (index: number) =>
      Number.parseInt(archive.toString("latin1", at + 6 + index * 8, at + 14 + index * 8), 16);
    const [size, nameLength] = [field(6), field(11)];
    const path = archive.toString("utf8", at + 110, at + 110 + nameLength - 1);
    const start = aligned(at + 110 + nameLength);
    if (path === "TRAILER!!!") {
      assert.equal(archive.length, start);
      return members;
    }
    members.push({ path, mode: field(1), bytes: archive.subarray(start, start + size) });
    at = aligned(start + size);
  }
}

const aligned = (offset: number) => Math.ceil(offset / 4) * 4;

test("folders, files and links come out as they went in", () => {
  const entries: ArchiveEntry[] = [
    { path: "etc", type: "folder", mode: 0o700 },
    { path: "etc/key", type: "file", mode: 0o600, bytes: Buffer.from("secret") },
    { path: "bin", type: "link", target: "usr/bin" },
  ];
  assert.deepEqual(
    read(cpioArchive(entries)).map(({ path, mode, bytes }) => [path, mode.toString(8), bytes.toString()]),
    [
      ["etc", "40700", ""],
      ["etc/key", "100600", "secret"],
      ["bin", "120777", "usr/bin"],
    ],
  );
});

test("names and contents of any length keep everything after them in its place", () => {
  const files = fc.array(
    fc.tuple(fc.string({ minLength: 1, unit: fc.constantFrom("a", "ü", ".") }), fc.uint8Array()),
  );
  fc.assert(
    fc.property(files, (list) => {
      const entries = list.map(([path, bytes]): ArchiveEntry => ({ path, type: "file", mode: 0o644, bytes }));
      const found = read(cpioArchive(entries)).map(({ path, bytes }) => [path, [...bytes]]);
      assert.deepEqual(
        found,
        list.map(([path, bytes]) => [path, [...bytes]]),
      );
    }),
  );
});
