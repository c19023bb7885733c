import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { remoteLine } from "./remote-command.ts";

/** As sshd does it: a login shell gets the line, and its input what we send. */
function run(command: readonly string[], situation: Parameters<typeof remoteLine>[1], input = "") {
  const { line, ahead } = remoteLine(command, situation);
  const { stdout, status } = spawnSync("sh", ["-c", line], { input: ahead + input, encoding: "utf8" });
  return { line, stdout, status };
}

const word = fc.string({
  unit: fc.constantFrom("a", "'", '"', "$", "`", "\\", " ", "\n", "*", "é", "-", "!"),
});
const runs = { numRuns: 30 };

test("a command's words arrive unchanged, whatever is in them", () => {
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const { stdout } = run(["printf", "%s\\0", ...words, "end"], {});
      assert.deepEqual(stdout.split("\0").slice(0, -1), [...words, "end"]);
    }),
    runs,
  );
});

test("values of the environment arrive unchanged, before the input, and are not in the line", () => {
  fc.assert(
    fc.property(word, word, (value, input) => {
      const env = { TOKEN: `secret${value}` };
      const { line, stdout } = run(["sh", "-c", 'printf "%s\\0" "$TOKEN"; cat'], { env, cwd: "/" }, input);
      assert.equal(stdout, `secret${value}\0${input}`);
      assert.ok(!line.includes("secret"));
    }),
    runs,
  );
});

test("a folder that is not there ends the command before it begins", () => {
  assert.equal(run(["echo", "x"], { cwd: "/no such folder" }).status, 125);
});

test("sudo is asked for no password and stands before all else", () => {
  assert.equal(remoteLine(["id"], { sudo: true }).line, "exec sudo -n -- id");
});

test("a name that the environment cannot have is refused", () => {
  assert.throws(() => remoteLine(["id"], { env: { "A;B": "x" } }), /A;B/);
});
