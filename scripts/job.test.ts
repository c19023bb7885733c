import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseArguments } from "./arguments.ts";
import { job } from "./job.ts";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "brume-job-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

async function run(...words: string[]): Promise<{ status: number; document: unknown }> {
  let document: unknown;
  const output = {
    json: true,
    progress: () => undefined,
    result: (given: unknown) => {
      document = given;
    },
  };
  const status = await job.run(parseArguments(job, words), output);
  return { status, document };
}

test("nexmark-raw writes the lines whose hash it tells, over a file that is there, and leaves nothing beside it", async (t) => {
  const path = folder(t);
  const out = join(path, "events.txt");
  writeFileSync(out, "old");
  const { status, document } = await run("nexmark-raw", "--events", "10000", "--out", out);
  const text = readFileSync(out);
  const sha256 = createHash("sha256").update(text).digest("hex");
  assert.equal(status, 0);
  assert.equal(sha256, "c92404d985772f786605dc1f44737cb60ac87650890e089408343ce29738daab");
  const { seconds, ...rest } = document as { seconds: number };
  assert.ok(seconds > 0);
  assert.deepEqual(rest, { job: "nexmark-raw", events: 10_000, bytes: text.length, sha256, out });
  assert.deepEqual(readdirSync(path), ["events.txt"]);
});

test("nexmark-raw from event K on writes the later lines of a run from 0", async (t) => {
  const path = folder(t);
  const [whole, part] = [join(path, "whole"), join(path, "part")];
  await run("nexmark-raw", "--events", "5000", "--out", whole);
  await run("nexmark-raw", "--events", "1500", "--first", "3500", "--out", part);
  const lines = readFileSync(whole, "utf8").split("\n");
  assert.equal(readFileSync(part, "utf8"), lines.slice(3500).join("\n"));
});

test("writing through a link replaces its target and keeps the link", async (t) => {
  const path = folder(t);
  writeFileSync(join(path, "target"), "old");
  symlinkSync("target", join(path, "link"));
  await run("nexmark-raw", "--events", "1", "--out", join(path, "link"));
  assert.match(readFileSync(join(path, "target"), "utf8"), /^P\|1000\|Peter Jones\|/);
  assert.deepEqual(readdirSync(path).sort(), ["link", "target"]);
});

const refusals: [string, string[], RegExp][] = [
  ["no job's name", [], /NAME is missing\n {2}fix: one of: nexmark-raw/],
  ["an unknown job", ["nexmark-rare"], /no such job\n {2}fix: one of: nexmark-raw/],
  ["a second name", ["nexmark-raw", "q5", "--events", "1"], /takes no q5/],
  ["no number of events", ["nexmark-raw", "--out", "x"], /--events is missing/],
  ["events that are no number", ["nexmark-raw", "--events", "many"], /--events many: not a whole number/],
  ["numbers past exact ones", ["nexmark-raw", "--events", "9007199254740993"], /event numbers end at/],
  ["JSON and lines on stdout", ["nexmark-raw", "--events", "1"], /give --out FILE/],
  ["a folder that is not there", ["nexmark-raw", "--events", "1", "--out", "/nowhere/x"], /make its folder/],
  ["a folder as file", ["nexmark-raw", "--events", "1", "--out", "/"], /name a file/],
];

for (const [what, words, message] of refusals) {
  test(`job refuses ${what} as bad usage`, async () => {
    await assert.rejects(run(...words), { name: "UserError", exitStatus: 2, message });
  });
}
