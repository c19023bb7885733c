import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { test } from "node:test";
import {
  importedPackages,
  type LockedPackages,
  packagesFor,
  projectFiles,
  readLock,
} from "./program-files.ts";

const root = resolve(import.meta.dirname, "../../..");

const lock: LockedPackages = {
  "": { version: "1.0.0", dependencies: { unused: "*" } },
  "node_modules/native": {
    version: "1.0.0",
    optionalDependencies: { "@n/x64": "*", "@n/arm64": "*", "@n/musl": "*" },
  },
  "node_modules/@n/x64": { version: "1.0.0", os: ["linux"], cpu: ["x64"] },
  "node_modules/@n/arm64": { version: "1.0.0", os: ["linux"], cpu: ["arm64"], libc: ["glibc"] },
  "node_modules/@n/musl": { version: "1.0.0", os: ["linux"], cpu: ["arm64"], libc: ["musl"] },
  "node_modules/a": { version: "1.0.0", dependencies: { b: "*", c: "*" } },
  "node_modules/a/node_modules/b": { version: "2.0.0", dependencies: { c: "*" } },
  "node_modules/b": { version: "1.0.0" },
  "node_modules/c": { version: "1.0.0", dependencies: { a: "*" } },
  "node_modules/unused": { version: "1.0.0" },
};

test("native code is that of the machine's processor", () => {
  assert.deepEqual(packagesFor(lock, ["native"], "x64"), ["node_modules/@n/x64", "node_modules/native"]);
  assert.deepEqual(packagesFor(lock, ["native"], "arm64"), ["node_modules/@n/arm64", "node_modules/native"]);
  assert.deepEqual(packagesFor(lock, ["native"], "arm"), ["node_modules/native"]);
});

test("packages are found as Node.js finds them, in circles too, and those of nobody stay", () => {
  const found = ["node_modules/a", "node_modules/a/node_modules/b", "node_modules/c"];
  assert.deepEqual(packagesFor(lock, ["a", "node:fs"], "x64"), found);
});

test("imports are seen in all their shapes", () => {
  const text =
    'import a from "a/deep";\nexport { x } from "@s/b/c";\nawait import("d");\nimport "e";\nimport f from "#testbed/f.ts";\nimport g from "./g.ts";';
  assert.deepEqual([...importedPackages([text])], ["a", "@s/b", "d", "e"]);
});

test("brume's own program has what runs on nodes, and no tests", () => {
  const files = projectFiles(root);
  for (const path of [
    "package.json",
    "testbed/nodes/ssh/holder/holder-main.ts",
    "engine/processes/worker-main.ts",
  ]) {
    assert.ok(files.includes(path), path);
  }
  assert.ok(!files.some((path) => /\.test\.ts$|-for-tests|^data|^node_modules|^scripts/.test(path)));
  const packages = packagesFor(readLock(root), ["koffi", "lmdb"], "arm64");
  for (const name of ["koffi", "@koromix/koffi-linux-arm64", "lmdb", "@lmdb/lmdb-linux-arm64"]) {
    assert.ok(packages.includes(join("node_modules", name)), name);
  }
});
