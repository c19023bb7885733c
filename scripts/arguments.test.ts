import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "#testbed/user-error.ts";
import { parseArguments } from "./arguments.ts";
import type { Verb } from "./verb.ts";

const verb: Verb = {
  name: "try",
  summary: "",
  usage: "",
  options: {
    name: { type: "string", value: "NAME", help: "" },
    pairs: { type: "string", short: "p", value: "N", help: "" },
    quick: { type: "boolean", short: "q", help: "" },
  },
  examples: [],
  run: async () => 0,
};

const parse = (line: string) => parseArguments(verb, line.split(" ").filter(Boolean));

function refused(
  words: readonly string[] | string,
  what: RegExp,
  fix = /fix: see \.\/brume try --help/,
): void {
  const list = typeof words === "string" ? words.split(" ") : words;
  assert.throws(
    () => parseArguments(verb, list),
    (error) => {
      assert.ok(error instanceof UserError && error.code === "usage" && error.exitStatus === 2);
      assert.match(error.message, what);
      assert.match(error.message, fix);
      return true;
    },
  );
}

test("options and positionals may stand in any order", () => {
  for (const line of ["a --name x b -q", "--name=x a b --quick", "-q a --name x b"]) {
    const args = parse(line);
    assert.deepEqual(args.positionals, ["a", "b"]);
    assert.equal(args.text("name"), "x");
    assert.equal(args.flag("quick"), true);
  }
});

test("what stands after -- is the rest, its own options and a second -- included", () => {
  const args = parse("lab node -- ls --name x -- y");
  assert.deepEqual(args.positionals, ["lab", "node"]);
  assert.deepEqual(args.rest, ["ls", "--name", "x", "--", "y"]);
  assert.equal(args.text("name"), undefined);
});

test("without -- there is no rest, and with nothing behind it an empty one", () => {
  assert.deepEqual(parse("a").rest, []);
  assert.deepEqual(parse("a --").rest, []);
});

test("what is not given is undefined, false, or the default", () => {
  const args = parse("");
  assert.deepEqual([args.text("name"), args.flag("quick"), args.count("pairs", 7)], [undefined, false, 7]);
});

test("an unknown option is refused by its name", () => {
  refused("--nmae x", /^try: Unknown option '--nmae'/);
});

test("an option without its value, and a switch with one, are refused", () => {
  refused("--name", /^try: Option '--name <value>' argument missing/);
  refused("--quick=yes", /^try: Option '-q, --quick' does not take an argument/);
});

test("a format that does not exist is refused with those that do", () => {
  refused("--format xml", /^--format xml: there is no such format/, /--format text or --format json/);
  assert.equal(parse("--format json").text("format"), "json");
});

for (const given of ["x", "1.5", "-1", "1e3", "0x10", "", " 1"]) {
  test(`"${given}" is no whole number`, () => {
    const args = parseArguments(verb, [`--pairs=${given}`]);
    assert.throws(
      () => args.count("pairs", 20),
      (error) => error instanceof UserError && /--pairs .*: not a whole number/s.test(error.message),
    );
  });
}

test("a count below the least is refused, the least itself is taken", () => {
  assert.throws(
    () => parse("-p 0").count("pairs", 5, 1),
    /not a whole number of at least 1\n {2}fix: for example --pairs 5/,
  );
  assert.equal(parse("-p 1").count("pairs", 5, 1), 1);
});

test("a switch has no text, and an option is no switch", () => {
  const args = parse("-q --name x");
  assert.equal(args.text("quick"), undefined);
  assert.equal(args.flag("name"), false);
});

test("a verb that hands on takes any --KEY VALUE, --KEY=VALUE and --set KEY=VALUE beside its own options", () => {
  const handing: Verb = { ...verb, handsOn: true };
  const given = parseArguments(handing, [
    ...["a", "--name", "x", "--rate", "50k/s", "--keys=10", "--set", "window=5s", "-q", "--set=offset=-3"],
    ...["--shift", "-3", "--verbose", "--deep"],
  ]);
  assert.deepEqual(given.others, {
    rate: "50k/s",
    keys: "10",
    window: "5s",
    offset: "-3",
    shift: "-3",
    verbose: "true",
    deep: "true",
  });
  assert.deepEqual([given.positionals, given.text("name"), given.flag("quick")], [["a"], "x", true]);
  assert.throws(() => parseArguments(handing, ["--set", "window"]), /not KEY=value/);
  assert.deepEqual(parse("a --name x").others, {});
});

test("what Node.js says in several lines about a value with a dash is told in one", () => {
  refused(["--pairs", "-5"], /^try: Option '--pairs' argument is ambiguous\n {2}fix: /);
});
