import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { verbs } from "./verbs.ts";

const page = readFileSync(join(import.meta.dirname, "../docs/command-line.md"), "utf8");

test("docs/command-line.md has a row for each verb and for nothing else", () => {
  const rows = [...page.matchAll(/^\| \[?`([a-z]+)\b/gm)].map(([, name]) => name!);
  assert.deepEqual(rows.sort(), Object.keys(verbs).sort());
});

test("every option that docs/command-line.md speaks of is one of a verb", async () => {
  const known = new Set(["help", "version", "format", "name"]);
  for (const load of Object.values(verbs))
    for (const name of Object.keys((await load()).options)) known.add(name);
  const spoken = [...page.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)].map(([, name]) => name!);
  assert.deepEqual(
    spoken.filter((name) => !known.has(name)),
    [],
  );
});
