import assert from "node:assert/strict";
import { test } from "node:test";
import { netemSupport, type RunCommand } from "./support.ts";

/** A machine on which the lines of the trial that match `missing` fail. */
const machine =
  (missing: RegExp): RunCommand =>
  async (_argv, input) => {
    const answers = input.split("\n").map((line, index) => {
      const fails = missing.test(line);
      return `${index} ${fails ? "2 Error: Specified qdisc kind is unknown." : "0"}`;
    });
    return { status: 0, stdout: `${answers.join("\n")}\n`, stderr: "" };
  };

test("a machine that can do all lacks nothing", async () => {
  assert.deepEqual(await netemSupport(machine(/nothing at all/), true), { lacks: [] });
});

test("what is missing is named with the kernel's own words", async () => {
  const { lacks } = await netemSupport(machine(/police/), true);
  assert.deepEqual(lacks, [
    { need: "pair MTU", what: "action police", because: "Error: Specified qdisc kind is unknown." },
  ]);
});

test("a machine without namespaces lacks the core", async () => {
  const run: RunCommand = async () => ({
    status: 1,
    stdout: "",
    stderr: "unshare: Operation not permitted\n",
  });
  const { lacks } = await netemSupport(run, false);
  assert.deepEqual(lacks, [
    { need: "core", what: "network namespaces", because: "unshare: Operation not permitted" },
  ]);
});

test("an ordinary user's trial happens in a user namespace", async () => {
  let entered: readonly string[] = [];
  await netemSupport(async (argv) => {
    entered = argv;
    return { status: 0, stdout: "", stderr: "" };
  }, false);
  assert.deepEqual(entered, ["unshare", "-U", "-r", "-n", "sh", "-s"]);
});
