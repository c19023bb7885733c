import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { bringInto } from "./bring.ts";

const root = mkdtempSync(join(tmpdir(), "brume-bring-"));
after(() => rmSync(root, { recursive: true }));
const target = join(root, "brought");

test("the same content has the same place, whatever it was called by, and lies there once", async () => {
  for (const folder of ["one", "two"]) {
    mkdirSync(join(root, folder, "job", "deep"), { recursive: true });
    writeFileSync(join(root, folder, "job", "deep", "x.ts"), "x");
  }
  const [first, second] = await Promise.all([
    bringInto(target, join(root, "one", "job")),
    bringInto(target, join(root, "two", "job")),
  ]);
  assert.equal(first, second);
  assert.equal(readFileSync(join(target, first, "deep", "x.ts"), "utf8"), "x");
  assert.equal(readdirSync(target).length, 1);
});

test("another content has another place, and what was brought before stays", async () => {
  const path = join(root, "file");
  writeFileSync(path, "1");
  const first = await bringInto(target, path);
  writeFileSync(path, "2");
  const second = await bringInto(target, path);
  assert.notEqual(first, second);
  assert.deepEqual(
    [first, second].map((name) => readFileSync(join(target, name), "utf8")),
    ["1", "2"],
  );
});

test("programs stay programs, links are brought as what they lead to, and all may read it", async () => {
  const path = join(root, "program");
  writeFileSync(path, "#!/bin/sh\n", { mode: 0o700 });
  mkdirSync(join(root, "with-link"));
  symlinkSync(path, join(root, "with-link", "link"));
  const name = await bringInto(target, join(root, "with-link"));
  assert.equal(statSync(join(target, name, "link")).mode & 0o777, 0o755);
  chmodSync(path, 0o600);
  assert.equal(statSync(join(target, await bringInto(target, path))).mode & 0o777, 0o644);
});

test("what is not there is refused, and leaves nothing", async () => {
  const before = readdirSync(target);
  await assert.rejects(bringInto(target, join(root, "nowhere")), { code: "ENOENT" });
  assert.deepEqual(readdirSync(target), before);
});
