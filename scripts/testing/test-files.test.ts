import assert from "node:assert/strict";
import { test } from "node:test";
import { groupTestFiles, longestFirst, withoutLong } from "./test-files.ts";

const paths = [
  "lab.ts",
  "plan.test.ts",
  "keeper.integration.test.ts",
  "cgroup.root.integration.test.ts",
  "netem.uml.test.ts",
  "engine/kill.integration.test.ts",
];

test("root runs everything once, and the labs but not the engine again as an ordinary user", () => {
  assert.deepEqual(groupTestFiles(paths, true), {
    unit: ["plan.test.ts"],
    integration: [
      "keeper.integration.test.ts",
      "cgroup.root.integration.test.ts",
      "netem.uml.test.ts",
      "engine/kill.integration.test.ts",
    ],
    rootless: ["keeper.integration.test.ts"],
    beyond: [],
  });
});

test("an ordinary user runs each lab test once and is told which speak of root", () => {
  assert.deepEqual(groupTestFiles(paths, false), {
    unit: ["plan.test.ts"],
    integration: ["keeper.integration.test.ts", "netem.uml.test.ts", "engine/kill.integration.test.ts"],
    rootless: [],
    beyond: ["cgroup.root.integration.test.ts"],
  });
});

test("what takes minutes is run by its name, and is a lab's test like others then", () => {
  const long = "vm.long.root.integration.test.ts";
  assert.deepEqual(withoutLong([...paths, long]), { usual: paths, long: [long] });
  assert.deepEqual(groupTestFiles([long], true).integration, [long]);
});

test("files with machines of their own begin first, then those with whole runs, each in their order", () => {
  const files = [
    "engine/a.integration.test.ts",
    "scripts/run.integration.test.ts",
    "scripts/run.root.integration.test.ts",
    "testbed/nodes/ssh.root.integration.test.ts",
    "engine/b.integration.test.ts",
  ];
  assert.deepEqual(
    longestFirst(files),
    [2, 3, 1, 0, 4].map((at) => files[at]),
  );
});
