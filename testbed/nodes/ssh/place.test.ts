import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { UserError } from "#testbed/user-error.ts";
import { placeFolder, placeScript, refusalOf } from "./place.ts";

const root = mkdtempSync(join(tmpdir(), "brume-place-"));
after(() => rmSync(root, { recursive: true, force: true }));

const failed = (stderr: string) => ({
  status: 3,
  signal: null,
  stdout: Buffer.of(),
  stderr: Buffer.from(stderr),
});
const script = (...words: string[]) => spawnSync("sh", [placeScript, ...words], { encoding: "utf8" });

test("a socket in a place has a path that the kernel takes", () => {
  assert.ok(`${placeFolder("0123456789ab", 4093)}/files/engine/coordinator.sock`.length < 100);
});

test("what the script tells about a machine becomes our error with its remedy", () => {
  const error = refusalOf(
    failed("warning\nbrume|place-tool|it has no command ip|sudo apt-get install iproute2 there\n"),
    "create",
  );
  assert.ok(error instanceof UserError);
  assert.equal(error.code, "place-tool");
  assert.equal(error.message, "it has no command ip\n  fix: sudo apt-get install iproute2 there");
});

test("a failure that nobody foresaw is told by its last line", () => {
  assert.match(
    refusalOf(failed("first\nlast words\n"), "freeze").message,
    /^freeze of its place ended with status 3: last words/,
  );
});

test("the script is one that every POSIX shell reads", () => {
  for (const shell of ["sh", "bash"]) execFileSync(shell, ["-n", placeScript]);
});

test("of a place that is gone nothing has to be taken away, and its lease says so", () => {
  const gone = join(root, "gone-1");
  assert.equal(script("vanish", gone).status, 0);
  assert.equal(script("remove", gone).status, 0);
  assert.equal(script("renew", gone).stdout, "gone\n");
  assert.match(script("freeze", gone).stderr, /^brume\|node-down\|/);
});

test("a setting that a shell could take for more than a word is refused", () => {
  const { status, stderr } = script("create", join(root, "bad-1"), "lab=x", "name=$(reboot)");
  assert.equal(status, 3);
  assert.match(stderr, /^brume\|place-setting\|this is no setting: name=\$\(reboot\)/m);
});

test("a lease is written in the machine's own time since its boot", () => {
  const place = join(root, "lease-1");
  execFileSync("mkdir", [place]);
  writeFileSync(join(place, "settings"), "lab=x\nname=a\n");
  assert.equal(script("renew", place).stdout, "gone\n"); // Renewed, but its sitter does not run.
  const lease = execFileSync("cat", [join(place, "lease")], { encoding: "utf8" });
  assert.match(lease, /^[0-9a-f-]{36} \d+\n$/);
});
