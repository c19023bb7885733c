import assert from "node:assert/strict";
import { test } from "node:test";
import { needsPreload } from "./uml-preload.ts";

test("only processors with AMX tiles need the library", () => {
  assert.equal(needsPreload("model name\t: x\nflags\t\t: fpu avx512f amx_bf16 amx_tile amx_int8\n"), true);
  assert.equal(needsPreload("flags\t\t: fpu avx avx2 avx512f\nbugs\t\t: amx_tile\n"), false);
});
