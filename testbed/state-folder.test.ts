import assert from "node:assert/strict";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { test } from "node:test";
import { labFolder, stateFolder } from "./state-folder.ts";

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
