import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "#testbed/user-error.ts";
import { parseArguments } from "./arguments.ts";
import { verb } from "./impair.ts";

const refused = async (words: readonly string[], what: RegExp) => {
  const output = { json: false, progress: () => undefined, result: () => assert.fail("it did something") };
  await assert.rejects(
    async () => verb.run(parseArguments(verb, ["no-lab", ...words]), output),
    (error) => error instanceof UserError && error.exitStatus === 2 && what.test(error.message),
    words.join(" "),
  );
};

test("options of different uses are refused together, before any lab is asked", async () => {
  await refused(
    ["--clear", "--lift", "x"],
    /^impair: --clear does not go with --lift\n {2}fix: give two commands$/,
  );
  await refused(["--lift", "x", "--delay", "3ms"], /^impair: --delay does not go with --lift/);
  await refused(
    ["--node", "a", "--do", "pause", "--delay", "3ms"],
    /^impair: --delay does not go with --node/,
  );
});

test("pairs without a condition are refused, not taken for the question what is in force", async () => {
  await refused(
    ["--to", "b"],
    /^impair: --to alone changes nothing\n {2}fix: add at least one of: --cut, --delay/,
  );
  await refused(["--for", "3s"], /^impair: --for alone changes nothing/);
  await refused(["--name", "", "--delay", "3ms"], /^--name: a name is empty/);
});
