import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { provision } from "./provision.ts";
import { nodeOf, topologyOf } from "./topology-for-tests.ts";
import { UserError } from "./user-error.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-provision-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("a name that cannot be a lab's is refused before anything is written", async () => {
  const root = join(folder, "state");
  for (const name of ["", ".", "..", "../x", "a/b", "a b", "a\nb", "-x", "--all", "ä", "a".repeat(64)]) {
    await assert.rejects(
      provision(topologyOf([nodeOf("a")], { name }), { root }),
      (error) => error instanceof UserError && error.code === "bad-lab-name" && error.exitStatus === 2,
      name,
    );
  }
  assert.ok(!existsSync(root));
});

test("a disk that is full is said, and of the new lab nothing stays", async () => {
  const root = join(folder, "full");
  const onRecorded = () => {
    throw Object.assign(new Error("write"), { code: "ENOSPC" });
  };
  await assert.rejects(
    provision(topologyOf([nodeOf("a")]), { root, onRecorded }),
    (error) =>
      error instanceof UserError && error.code === "state-full" && /BRUME_STATE=FOLDER$/.test(error.message),
  );
  assert.deepEqual(readdirSync(join(root, "labs")), []);
});
