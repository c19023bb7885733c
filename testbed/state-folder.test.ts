import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { test } from "node:test";
import { checkStateFolder, labFolder, stateFolder } from "./state-folder.ts";
import { UserError } from "./user-error.ts";

test("BRUME_STATE wins over everything", () => {
  assert.equal(stateFolder({ BRUME_STATE: "/x", XDG_STATE_HOME: "/y" }, 0), "/x");
  assert.equal(stateFolder({ BRUME_STATE: "/x", XDG_STATE_HOME: "/y" }, 1000), "/x");
});

test("root's labs belong to the machine, a user's to the user", () => {
  assert.equal(stateFolder({ XDG_STATE_HOME: "/y" }, 0), "/var/lib/brume");
  assert.equal(stateFolder({ XDG_STATE_HOME: "/y" }, 1000), "/y/brume");
  assert.equal(stateFolder({}, 1000), join(homedir(), ".local/state/brume"));
});

test("an empty variable counts as none", () => {
  assert.equal(
    stateFolder({ BRUME_STATE: "", XDG_STATE_HOME: "" }, 1000),
    join(homedir(), ".local/state/brume"),
  );
});

test("a relative folder means the caller's own, since a lab's keeper runs in another", () => {
  assert.equal(stateFolder({ BRUME_STATE: "state" }, 0), join(process.cwd(), "state"));
  assert.ok(isAbsolute(labFolder("fog", stateFolder({ XDG_STATE_HOME: "state" }, 1000))));
});

test("a folder in which no record can be kept is refused by name, and one that is still to be made is not", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "brume-state-"));
  t.after(() => rmSync(folder, { recursive: true }));
  checkStateFolder(join(folder, "not", "yet"));
  writeFileSync(join(folder, "file"), "");
  const refused = (root: string, why: RegExp) =>
    assert.throws(
      () => checkStateFolder(root),
      (error) => error instanceof UserError && error.code === "state-folder" && why.test(error.message),
    );
  refused(join(folder, "file"), /file is no folder\n {2}fix: .*BRUME_STATE=FOLDER$/);
  refused(join(folder, "file", "deeper"), /file is no folder/);
  if (process.getuid?.() === 0) return; // Root may write everywhere.
  mkdirSync(join(folder, "closed"), { mode: 0o555 });
  refused(join(folder, "closed"), /closed may not be written by this user/);
});

test("a user of whom only the number is known has a folder too", () => {
  const program = [
    'import { stateFolder } from "#testbed/state-folder.ts";',
    "if (process.getuid() === 0) process.setuid(54321);", // Who is no root is known here, and has a folder as well.
    "console.log(stateFolder());",
  ].join("\n");
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    env: { HOME: "/somewhere" },
    encoding: "utf8",
  });
  assert.equal(stdout.trim(), "/somewhere/.local/state/brume", stderr);
});
