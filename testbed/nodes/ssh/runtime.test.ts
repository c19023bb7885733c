import assert from "node:assert/strict";
import { test } from "node:test";
import { itsOwnNode, readFacts } from "./runtime.ts";

const facts = (text: string) => readFacts(text);

test("processors are told apart, a 32-bit system on a 64-bit kernel too", () => {
  assert.equal(facts("machine Linux x86_64\nbits 64\n").cpu, "x64");
  assert.equal(facts("machine Linux aarch64\nbits 64\n").cpu, "arm64");
  assert.equal(facts("machine Linux aarch64\nbits \n").cpu, "arm64");
  assert.equal(facts("machine Linux aarch64\nbits 32\n").cpu, "arm");
  assert.equal(facts("machine Linux armv7l\nbits 32\n").cpu, "arm");
  for (const machine of ["Linux riscv64", "Darwin arm64", "Linux i686", "Linux armv6l"]) {
    assert.equal(facts(`machine ${machine}\n`).cpu, undefined, machine);
  }
});

test("what is there is told with its path, spaces and all", () => {
  const { there, own } = facts(
    "machine Linux x86_64\nown v24.1.0 /my programs/node\nthere /a b/node/1\nthere /c\n",
  );
  assert.deepEqual(there, ["/a b/node/1", "/c"]);
  assert.deepEqual(own, { version: "v24.1.0", path: "/my programs/node" });
});

test("a 32-bit machine's own Node.js will do if it reads TypeScript", () => {
  const withOwn = (version: string) => facts(`machine Linux armv7l\nown ${version} /usr/bin/node\n`);
  for (const version of ["v22.18.0", "v23.6.1", "v24.0.0", "v25.1.0"]) {
    assert.equal(itsOwnNode(withOwn(version), "berry"), "/usr/bin/node");
  }
  for (const version of ["v20.19.0", "v22.17.1", "v23.5.0"]) {
    assert.throws(() => itsOwnNode(withOwn(version), "berry"), { code: "ssh-architecture" });
  }
  assert.throws(() => itsOwnNode(facts("machine Linux armv7l\n"), "berry"), { code: "ssh-architecture" });
});
