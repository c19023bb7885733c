import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Emulation, emulations, recordEmulation } from "./emulation.ts";

const path = mkdtempSync(join(tmpdir(), "brume-emulation-"));
after(() => rmSync(path, { recursive: true }));

const slowdown = { integer: 9, float: 30, memory: 6, json: 20 };
const emulated: Emulation = {
  architecture: "aarch64",
  by: "tcg",
  because: "this machine is not aarch64",
  slowdown,
};

test("a lab knows its emulated nodes until they are gone, and no others", () => {
  assert.deepEqual(emulations({ path }), {});
  recordEmulation({ path }, "a", emulated);
  recordEmulation({ path }, "b", { ...emulated, by: "kvm" });
  recordEmulation({ path }, "a", undefined);
  assert.deepEqual(emulations({ path }), { b: { ...emulated, by: "kvm" } });
});
