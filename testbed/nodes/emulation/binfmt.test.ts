import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findRule, parseRule, registration, ruleName } from "./binfmt.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-binfmt-"));
after(() => rmSync(folder, { recursive: true }));

/** As the kernel prints a rule that was registered. */
const printed = (flags: string, machine = "b7") => `enabled
interpreter /usr/bin/qemu-aarch64-static
flags: ${flags}
offset 0
magic 7f454c460201010000000000000000000200${machine}00
mask ffffffffffffff00fffffffffffffffffeffffff
`;

test("a rule is registered by what every ARM64 program begins with, with the emulator opened at once", () => {
  const [, name, type, offset, magic, mask, interpreter, flags] =
    registration("/usr/bin/emulator").split(":");
  assert.deepEqual([name, type, offset, interpreter, flags], [ruleName, "M", "", "/usr/bin/emulator", "F"]);
  assert.equal(magic!.replaceAll("\\x", ""), "7f454c460201010000000000000000000200b700");
  assert.equal(mask!.replaceAll("\\x", ""), "ffffffffffffff00fffffffffffffffffeffffff");
});

test("what the kernel prints of a rule is read back", () => {
  assert.deepEqual(parseRule("qemu-aarch64", printed("POCF")), {
    name: "qemu-aarch64",
    enabled: true,
    interpreter: "/usr/bin/qemu-aarch64-static",
    flags: "POCF",
    magic: "7f454c460201010000000000000000000200b700",
  });
});

test("only a rule for ARM64 that needs no file inside the container counts, whoever registered it", () => {
  assert.equal(findRule(folder), undefined, "no binfmt_misc at all");
  for (const name of ["register", "status"]) writeFileSync(join(folder, name), "");
  writeFileSync(join(folder, "qemu-riscv64"), printed("F", "f3"));
  assert.equal(findRule(folder), undefined, "another processor's");
  writeFileSync(join(folder, "qemu-aarch64"), printed("OC"));
  assert.equal(findRule(folder), undefined, "its emulator would have to be in the container");
  writeFileSync(join(folder, "distribution-aarch64"), printed("OCF"));
  assert.equal(findRule(folder)?.name, "distribution-aarch64");
});
