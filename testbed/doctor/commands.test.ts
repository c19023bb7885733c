import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findCommand, installCommand, lacking } from "./commands.ts";

test("a program is found where PATH has it, and a file that cannot be run is none", () => {
  const folder = mkdtempSync(join(tmpdir(), "brume-commands-"));
  try {
    const path = join(folder, "brume-test-program");
    writeFileSync(path, "");
    assert.equal(findCommand("brume-test-program", folder), undefined);
    chmodSync(path, 0o755);
    assert.equal(findCommand("brume-test-program", `/nowhere:${folder}`), path);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("programs of one package are one word in the command that gets them", () => {
  assert.equal(
    installCommand(["tc", "cc", "ip"]),
    "apt-get install --no-install-recommends gcc iproute2 libc6-dev",
  );
});

test("what a test lacks is told with the command that gets it, and lacking nothing skips nothing", () => {
  const path = process.env.PATH;
  assert.equal(lacking("mount"), false);
  try {
    process.env.PATH = "/nowhere";
    // iperf3 is never in the folders that are looked into beside PATH.
    assert.equal(lacking("iperf3"), "needs iperf3: apt-get install --no-install-recommends iperf3");
  } finally {
    process.env.PATH = path;
  }
});
