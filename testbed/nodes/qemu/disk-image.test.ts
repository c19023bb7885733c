import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { formatOf, makeDisk, unpackEntries } from "./disk-image.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-disk-"));
after(() => rmSync(folder, { recursive: true }));

test("a node's disk is a copy of the image that nobody else reads, and the same after a crash", async () => {
  const [image, disk] = [join(folder, "image"), join(folder, "disk")];
  writeFileSync(image, "the person's", { mode: 0o644 });
  await makeDisk(disk, { image });
  assert.equal(statSync(disk).mode & 0o777, 0o600);
  writeFileSync(disk, "the node's");
  await makeDisk(disk, { image });
  assert.deepEqual(
    [image, disk].map((path) => readFileSync(path, "utf8")),
    ["the person's", "the node's"],
  );
});

test("a qcow2 disk is told by its head, and whatever is none is raw", () => {
  const disk = join(folder, "head");
  writeFileSync(disk, Buffer.from("QFI\xfb\0\0\0\x03", "latin1"));
  assert.equal(formatOf(disk), "qcow2");
  writeFileSync(disk, "");
  assert.equal(formatOf(disk), "raw");
});

test("a tree is laid out with its modes and links, and its size counted in whole blocks", () => {
  const bytes = unpackEntries(
    [
      { path: "tmp", type: "folder", mode: 0o1777 },
      { path: "tmp/a", type: "file", mode: 0o600, bytes: Buffer.from("a") },
      { path: "bin", type: "link", target: "usr/bin" },
    ],
    folder,
  );
  assert.equal(bytes, 4096);
  assert.deepEqual(
    [
      statSync(join(folder, "tmp")).mode & 0o7777,
      statSync(join(folder, "tmp/a")).mode & 0o777,
      readlinkSync(join(folder, "bin")),
    ],
    [0o1777, 0o600, "usr/bin"],
  );
});
