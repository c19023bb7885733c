import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { configOf, parseSshConfig } from "./config.ts";

const who = { alias: "pi-kitchen", localUser: "ann" };
const read = (text: string, included: Record<string, string> = {}) =>
  parseSshConfig(text, (pattern) => (pattern in included ? [included[pattern]!] : []));
const value = (text: string, key: string, included?: Record<string, string>) =>
  configOf(read(text, included), who).get(key);

test("the first value of a key wins, whatever comes later", () => {
  assert.deepEqual(value("Host pi-*\n  Port 2222\nHost *\n  Port 22", "port"), ["2222"]);
  assert.deepEqual(value("Port 2022\nHost pi-*\n  Port 2222", "port"), ["2022"]);
});

test("files of keys add up over all blocks that hold", () => {
  const text = "Host pi-*\n IdentityFile a\nHost other\n IdentityFile b\nHost *\n IdentityFile c";
  assert.deepEqual(value(text, "identityfile"), ["a", "c"]);
});

test("a pattern behind an exclamation mark takes a host out of its block", () => {
  assert.equal(value("Host * !pi-kitchen\n User root", "user"), undefined);
  assert.deepEqual(value("Host pi-? pi-kitche? !pi-cellar\n User root", "user"), ["root"]);
});

test("keys are read in any case, with an equals sign, quotes and remarks", () => {
  assert.deepEqual(
    value('# words\nHOST=pi-kitchen # here\n  identityfile = "my keys/a" # old', "identityfile"),
    ["my keys/a"],
  );
});

test("what an Include brings counts only where the Include stands", () => {
  const included = { "more/*": "Port 7\nHost pi-kitchen\n User deep" };
  assert.deepEqual(value("Host pi-*\n Include more/*", "port", included), ["7"]);
  assert.equal(value("Host other\n Include more/*\n", "user", included), undefined);
});

test("a file that includes itself ends", () => {
  const directives = parseSshConfig("Include me\nPort 1", () => ["Include me\nPort 2"]);
  assert.ok(directives.length > 0 && directives.length < 100);
});

test("Match goes by host, user and all; what only ssh can decide never holds", () => {
  const text =
    "Host pi-kitchen\n HostName 10.0.0.7\nMatch host 10.0.0.* user ann\n Port 7\nMatch exec true\n User x";
  assert.deepEqual(value(text, "port"), ["7"]);
  assert.equal(value(text, "user"), undefined);
  assert.deepEqual(value("Match all\n User y", "user"), ["y"]);
});

test("no text makes the reader fail", () => {
  fc.assert(fc.property(fc.string(), (text) => void configOf(read(text), who)));
});
