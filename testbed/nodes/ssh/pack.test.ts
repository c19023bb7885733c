import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { archiveOf, hashOf } from "./pack.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-test-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const cache = process.env.XDG_CACHE_HOME;
process.env.XDG_CACHE_HOME = join(folder, "cache");
after(() => {
  if (cache === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cache;
});

function tree(name: string, content = "one\n"): string {
  const at = join(folder, name);
  mkdirSync(join(at, "x/-odd name\nß"), { recursive: true });
  writeFileSync(join(at, "x/a"), content);
  writeFileSync(join(at, "x/-odd name\nß/b"), "two");
  writeFileSync(join(at, "c"), "linked");
  symlinkSync("../c", join(at, "x/link"));
  return at;
}

const pack = (at: string) => [{ folder: at, names: ["x"] }];

test("the same content has the same hash, whoever wrote it when", async () => {
  const one = tree("one");
  const two = tree("two");
  utimesSync(join(two, "x/a"), 1000, 1000);
  chmodSync(join(two, "x/a"), 0o600);
  assert.equal(await hashOf(pack(one)), await hashOf(pack(two)));
});

test("other content, another name or a program instead of a file has another hash", async () => {
  const plain = await hashOf(pack(tree("plain")));
  assert.notEqual(await hashOf(pack(tree("other", "2\n"))), plain);
  const program = tree("program");
  chmodSync(join(program, "x/a"), 0o755);
  assert.notEqual(await hashOf(pack(program)), plain);
});

test("files of several folders lie in one archive, and links are what they lead to", async () => {
  const first = tree("first");
  const second = tree("second");
  const files = [...pack(first), { folder: second, names: ["c"] }];
  const { path, bytes, sha256 } = await archiveOf(files, await hashOf(files));
  assert.ok(bytes > 0 && /^[0-9a-f]{64}$/.test(sha256));
  const { stdout } = spawnSync("tar", ["-xOzf", path, "x/link", "c"], { encoding: "utf8" });
  assert.equal(stdout, "linkedlinked");
});

test("what cannot be read is named", async () => {
  await assert.rejects(hashOf([{ folder, names: ["no-such-file"] }]), /no-such-file/);
});
