import assert from "node:assert/strict";
import { test } from "node:test";
import { architectures } from "./architectures.ts";
import { commandLine, type MachinePlan } from "./command-line.ts";

const plan: MachinePlan = {
  architecture: architectures.x86_64,
  accelerator: "tcg",
  memoryBytes: 512 * 2 ** 20,
  cpus: 2,
  kernel: "/k",
  initrd: "/i",
  disk: { path: "/labs/a,b/disk", format: "raw" },
  sharedDisks: ["/root.ext4", "/node.ext4"],
  tap: { name: "bq1", mac: "02:00:00:00:00:01" },
  console: "/labs/console",
};

const valuesOf = (words: readonly string[], option: string) =>
  words.flatMap((word, index) => (word === option ? [words[index + 1]!] : []));

test("memory and processors are what the node asks for", () => {
  const words = commandLine(plan);
  assert.deepEqual([valuesOf(words, "-m"), valuesOf(words, "-smp")], [["512M"], ["2"]]);
});

test("a guest under KVM has this machine's processor, an emulated one the fullest that there is", () => {
  assert.deepEqual(valuesOf(commandLine({ ...plan, accelerator: "kvm" }), "-cpu"), ["host"]);
  assert.deepEqual(valuesOf(commandLine(plan), "-cpu"), ["max"]);
  assert.deepEqual(valuesOf(commandLine(plan), "-accel"), ["tcg,thread=multi"]);
});

test("the node's own disk comes first and alone can be written to", () => {
  const drives = valuesOf(commandLine(plan), "-drive");
  assert.deepEqual(
    drives.map((drive) => drive.includes("readonly=on")),
    [false, true, true],
  );
  assert.ok(drives[0]!.includes("file=/labs/a,,b/disk,"), "a comma in a path ends no setting");
});

test("the kernel speaks where the machine has its console", () => {
  assert.match(valuesOf(commandLine(plan), "-append")[0]!, /^console=ttyS0 /);
  const arm = { ...plan, architecture: architectures.aarch64 };
  assert.match(valuesOf(commandLine(arm), "-append")[0]!, /^console=ttyAMA0 /);
});

test("a machine without a cable has no network at all", () => {
  const { tap: _, ...alone } = plan;
  assert.deepEqual(valuesOf(commandLine(alone), "-netdev"), []);
});
