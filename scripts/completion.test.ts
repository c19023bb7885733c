import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { bashCompletion } from "./completion-bash.ts";
import { fishCompletion } from "./completion-fish.ts";
import { completionModel } from "./completion-model.ts";
import { zshCompletion } from "./completion-zsh.ts";
import type { Verb } from "./verb.ts";

const run = async (): Promise<0> => 0;
const verbs: Verb[] = [
  {
    name: "generate",
    summary: "write a person's file: star, tree",
    usage: "WHAT [FILE]",
    words: ["star", "tree"],
    options: {
      out: { type: "string", short: "o", value: "FILE", help: "write to [FILE]" },
      seed: { type: "string", value: "N", help: "seed" },
      force: { type: "boolean", help: "overwrite" },
    },
    examples: [],
    run,
  },
  {
    name: "graph",
    summary: "draw",
    usage: "FILE|LAB",
    options: { as: { type: "string", value: "svg|mermaid", help: "what" } },
    examples: [],
    run,
  },
  { name: "exec", summary: "run", usage: "LAB NODE -- CMD...", options: {}, examples: [], run },
];
const model = completionModel(verbs);

/** What bash offers after these words; a function named brume stands for the program, and knows two labs. */
function offered(...words: string[]): string[] {
  const script = `${bashCompletion(model)}
brume() { [ "$1 $2" = "completion labs" ] && printf 'lab-a\\nlab-b\\n'; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _brume; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const cwd = new URL("..", import.meta.url).pathname;
  const { stdout, stderr, status } = spawnSync("bash", ["-c", script, "bash", "brume", ...words], {
    cwd,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  assert.equal(stderr, "");
  return stdout.split("\n").filter(Boolean);
}

describe("bash", () => {
  test("verbs come first", () => {
    assert.deepEqual(offered("g"), ["generate", "graph"]);
    assert.deepEqual(offered(""), ["generate", "graph", "exec", "--help"]);
  });
  test("the first argument of a verb with words is one of them, the next a file", () => {
    assert.deepEqual(offered("generate", ""), ["star", "tree"]);
    assert.deepEqual(offered("generate", "star", "LIC"), ["LICENSE"]);
  });
  test("options of the verb alone, and the words that a value can be", () => {
    assert.deepEqual(offered("generate", "--"), ["--out", "--seed", "--force", "--format", "--help"]);
    assert.deepEqual(offered("graph", "--as", ""), ["svg", "mermaid"]);
    assert.deepEqual(offered("graph", "--format", "j"), ["json"]);
  });
  test("after an option for a file come files, after one for a number nothing", () => {
    assert.deepEqual(offered("generate", "star", "-o", "LIC"), ["LICENSE"]);
    assert.deepEqual(offered("generate", "star", "--seed", ""), []);
  });
  test("labs are asked of the program, files stand beside them where both are taken", () => {
    assert.deepEqual(offered("exec", ""), ["lab-a", "lab-b"]);
    assert.deepEqual(offered("graph", "lab-"), ["lab-a", "lab-b"]);
    assert.deepEqual(offered("graph", "LICEN"), ["LICENSE"]);
  });
  test("after -- the words are another program's", () => {
    assert.deepEqual(offered("exec", "lab-a", "n1", "--", "LIC"), ["LICENSE"]);
  });
});

test("zsh: every verb, option and word is there, and quotes and brackets of the texts end nothing", () => {
  const script = zshCompletion(model);
  assert.match(script, /^#compdef brume/);
  assert.match(script, /'generate:write a person’s file: star, tree'/);
  assert.match(script, /'--out\[write to \(FILE\)\]:file:_files'/);
  assert.match(script, /'-o\[write to \(FILE\)\]:file:_files'/);
  assert.match(script, /'--as\[what\]:choice:\(svg mermaid\)'/);
  assert.match(
    script,
    /_brume_generate\(\) \{ _alternative 'whats:what:\(star tree\)' 'files:file:_files' \}/,
  );
  assert.match(script, /_brume_exec\(\) \{ _alternative 'labs:lab:_brume_labs' \}/);
  assert.equal((script.match(/'/g) ?? []).length % 2, 0);
});

test("fish: every verb, option and word is there, each in balanced quotes", () => {
  const lines = fishCompletion(model).split("\n");
  assert.ok(lines.includes("complete -c brume -n __fish_use_subcommand -a graph -d 'draw'"));
  assert.ok(
    lines.includes(
      "complete -c brume -n '__fish_seen_subcommand_from generate' -l out -s o -r -F -d 'write to [FILE]'",
    ),
  );
  assert.ok(
    lines.includes(
      "complete -c brume -n '__fish_seen_subcommand_from graph' -l as -x -a 'svg mermaid' -d 'what'",
    ),
  );
  assert.ok(
    lines.includes("complete -c brume -n '__fish_seen_subcommand_from exec' -a '(__brume_labs)' -d lab"),
  );
  for (const line of lines) assert.equal((line.match(/'/g) ?? []).length % 2, 0, line);
});
