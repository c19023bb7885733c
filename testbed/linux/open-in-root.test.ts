import assert from "node:assert/strict";
import { constants, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openInRoot, rootOf, withOpened } from "./open-in-root.ts";
import { close, open } from "./syscalls.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-root-"));
mkdirSync(join(folder, "etc"));
writeFileSync(join(folder, "etc", "name"), "inside");
symlinkSync("/etc/name", join(folder, "link"));
symlinkSync("../../../../../../etc", join(folder, "up"));
symlinkSync("/proc/self/root/etc", join(folder, "magic"));
const root = open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
after(() => {
  close(root);
  rmSync(folder, { recursive: true });
});

const textAt = (path: string) =>
  withOpened(openInRoot(root, path, constants.O_RDONLY), (opened) => readFileSync(opened, "utf8"));

test("a path is what it is under the given root, whatever links and dots are on the way", async () => {
  for (const path of ["/etc/name", "etc/name", "/link", "/up/name", "/../../etc/name"]) {
    assert.equal(await textAt(path), "inside", path);
  }
});

test("what is not under the root is not found, even where the machine has it", () => {
  for (const path of ["/etc/passwd", "/magic/passwd", tmpdir()]) {
    assert.throws(() => openInRoot(root, path), { errno: "ENOENT" }, path);
  }
});

test("a process's own root is told from its number", async () => {
  const own = rootOf(process.pid);
  try {
    const path = await withOpened(openInRoot(own, folder, constants.O_RDONLY), (opened) =>
      readFileSync(`${opened}/etc/name`, "utf8"),
    );
    assert.equal(path, "inside");
  } finally {
    close(own);
  }
});
