import assert from "node:assert/strict";
import { test } from "node:test";
import { overview, verbHelp, versionText } from "./help.ts";
import type { Verb } from "./verb.ts";

const verb: Verb = {
  name: "try",
  summary: "tries something",
  usage: "FILE [--often N]",
  options: { often: { type: "string", short: "o", value: "N", help: "how often (default 3)" } },
  examples: [["./brume try it.yaml", "tries it"]],
  run: async () => 0,
};

test("a verb's help has its summary, its usage, every option with what every verb takes, and its examples", () => {
  const text = verbHelp(verb);
  for (const part of [
    "tries something",
    "usage: ./brume try FILE [--often N]",
    "./brume try it.yaml",
    "tries it",
  ]) {
    assert.ok(text.includes(part), part);
  }
  for (const [option, help] of [
    ["-o, --often N", "how often"],
    ["--format text|json", "one JSON document"],
    ["-h, --help", "show this help"],
  ]) {
    assert.ok(
      text.split("\n").some((line) => line.startsWith(`  ${option} `) && line.includes(help!)),
      option,
    );
  }
});

test("what the options do stands in one column", () => {
  const lines = verbHelp(verb).split("\n");
  const [first, last] = [lines.indexOf("options:") + 1, lines.indexOf("examples:") - 1];
  const starts = lines
    .slice(first, last)
    .map((line) => line.trimStart().search(/ {2,}\S/) + (line.length - line.trimStart().length));
  const columns = lines
    .slice(first, last)
    .map((line, index) => line.slice(starts[index]).search(/\S/) + starts[index]!);
  assert.equal(new Set(columns).size, 1, lines.slice(first, last).join("\n"));
});

test("no line of help ends in a blank, even for a verb that takes nothing", () => {
  const bare: Verb = { ...verb, usage: "", options: {} };
  for (const line of [...verbHelp(bare).split("\n"), ...overview([bare]).split("\n")])
    assert.equal(line, line.trimEnd());
});

test("the overview has one line for every verb", () => {
  const verbs = ["one", "two", "longest-of-all"].map((name) => ({ ...verb, name, summary: `does ${name}` }));
  const text = overview(verbs);
  for (const { name, summary } of verbs) assert.match(text, new RegExp(`^  ${name} +${summary}$`, "m"));
});

test("the version has the commit where there is one, and says whether files were changed since", () => {
  assert.equal(versionText({ version: "1.2.3" }), "brume 1.2.3\n");
  assert.equal(versionText({ version: "1.2.3", commit: "abc", dirty: false }), "brume 1.2.3 (abc)\n");
  assert.equal(versionText({ version: "1.2.3", commit: "abc", dirty: true }), "brume 1.2.3 (abc, changed)\n");
});
