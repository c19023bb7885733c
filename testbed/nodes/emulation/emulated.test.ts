import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ownArchitecture } from "../qemu/architectures.ts";
import { keptEmulatedScores } from "./emulated.ts";

const cache = mkdtempSync(join(tmpdir(), "brume-emulated-"));
process.env.XDG_CACHE_HOME = cache;
after(() => rmSync(cache, { recursive: true }));

test("who only looks learns that another processor is not measured yet, and starts no measurement", () => {
  const other = ownArchitecture() === "aarch64" ? "x86_64" : "aarch64";
  assert.equal(keptEmulatedScores({ settings: { arch: other } }), "unmeasured");
});

test("this machine's own processor is emulated by nobody", () => {
  assert.equal(keptEmulatedScores({ settings: {} }), undefined);
  assert.equal(keptEmulatedScores({ settings: { arch: String(ownArchitecture()) } }), undefined);
});
