import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { elfNeeds } from "./elf.ts";

test("the runtime that runs this test needs a loader and the C library", () => {
  const needs = elfNeeds(readFileSync(process.execPath));
  assert.match(needs?.loader ?? "", /^\/lib.*\/ld-linux/);
  assert.ok(needs?.libraries.includes("libc.so.6"), needs?.libraries.join(", "));
});

test("a script needs nothing that could be told, and neither does an empty file", () => {
  assert.equal(elfNeeds(Buffer.from(`#!/bin/sh\n${"exit 0\n".repeat(20)}`)), undefined);
  assert.equal(elfNeeds(Buffer.alloc(0)), undefined);
});
