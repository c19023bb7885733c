import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ladder, ramp, writeRun } from "../record-for-tests.ts";
import { findRuns } from "./find-runs.ts";
import { metricLine } from "./lines.ts";
import { readLines } from "./read-lines.ts";
import { readRun } from "./read-run.ts";
import { RecordError } from "./record-error.ts";

const root = mkdtempSync(join(tmpdir(), "brume-records-"));
after(() => rmSync(root, { recursive: true, force: true }));

test("a whole record is read without a warning", async () => {
  const run = await readRun(writeRun(root, { ...ladder, experiment: "whole" }));
  assert.deepEqual(run.unread, []);
  assert.equal(run.condition, "far-25ms");
  assert.equal(run.msts.length, 6);
  assert.equal(run.outcomes.length, 5);
  assert.equal(run.metrics.length, 150);
  assert.ok(run.ticks.length >= 30 && run.rtts.length === 30 && run.latencies.length === 30);
});

test("a last line that was cut short costs that line and no warning", async () => {
  const folder = writeRun(root, { ...ramp, experiment: "cut", killedAfter: 60 });
  appendFileSync(join(folder, "metrics.jsonl"), '{"t":61000,"state":"run');
  const run = await readRun(folder);
  assert.equal(run.metrics.length, 60);
  assert.deepEqual(run.unread, []);
  assert.equal(run.summary, undefined);
});

test("a corrupt line in the middle is one warning with file and line, and costs that line alone", async () => {
  const folder = writeRun(root, { ...ramp, experiment: "corrupt" });
  const file = join(folder, "metrics.jsonl");
  const lines = readFileSync(file, "utf8").split("\n");
  lines[41] = "\0\0\0\0";
  writeFileSync(file, lines.join("\n"));
  const run = await readRun(folder);
  assert.deepEqual(run.unread, ["corrupt/far-25ms.1/metrics.jsonl:42: is not JSON; the line is left out"]);
  assert.equal(run.metrics.length, 179);
});

test("a file that is broken throughout does not fill the page", async () => {
  const file = join(root, "broken.jsonl");
  writeFileSync(file, "nonsense\n".repeat(100));
  const read = await readLines(file, "broken.jsonl", metricLine);
  assert.equal(read?.lines.length, 0);
  assert.equal(read?.warnings.length, 6);
  assert.match(read!.warnings.at(-1)!, /94 more lines/);
});

test("fields of a wrong type count as absent, and unknown ones are passed over", async () => {
  const file = join(root, "odd.jsonl");
  writeFileSync(
    file,
    '{"t":1,"taken":"many","lagMs":3,"colour":"blue","seats":[{"node":"a","busy":null},{"busy":1},7]}\n',
  );
  const [line] = (await readLines(file, "odd.jsonl", metricLine))!.lines;
  assert.equal(line?.taken, undefined);
  assert.equal(line?.lagMs, 3);
  assert.deepEqual(
    line?.seats.map(({ node, busy }) => [node, busy]),
    [["a", undefined]],
  );
});

test("a line of a known file without a time is a warning", async () => {
  const file = join(root, "timeless.jsonl");
  writeFileSync(file, '{"taken":1}\n{"t":2,"taken":1}\n');
  const read = (await readLines(file, "timeless.jsonl", metricLine))!;
  assert.equal(read.lines.length, 1);
  assert.deepEqual(read.warnings, [
    'timeless.jsonl:1: "t" is not as docs/records.md says; the line is left out',
  ]);
});

test("a run of which only its events are left is read", async () => {
  const folder = join(root, "bare", "far.3");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "events.jsonl"), '{"t":0,"event":"phase","text":"start"}\n');
  const run = await readRun(folder);
  assert.deepEqual([run.experiment, run.run, run.condition], ["bare", "far.3", "far"]);
  assert.equal(run.events.length, 1);
  assert.match(run.unread.join(), /manifest.json: not there/);
});

test("a manifest that cannot be read is told of once, as what it is", async () => {
  const folder = writeRun(root, { ...ramp, experiment: "torn", killedAfter: 5 });
  writeFileSync(join(folder, "manifest.json"), '{"format":1,');
  assert.deepEqual((await readRun(folder)).unread, ["torn/far-25ms.1/manifest.json: is not JSON; left out"]);
});

test("a record of another format is read as far as it goes, and said to be one", async () => {
  const folder = writeRun(root, { ...ramp, experiment: "later", killedAfter: 5 });
  const path = join(folder, "manifest.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('"format":1', '"format":7'));
  const run = await readRun(folder);
  assert.equal(run.metrics.length, 5);
  assert.deepEqual(run.unread, [
    "later/far-25ms.1/manifest.json: is of format 7, and this brume reads 1: figures may be missing or wrong",
  ]);
});

test("files that cannot be read, and times that no run could have, cost themselves and a warning", async () => {
  const folder = writeRun(root, { ...ramp, experiment: "odd", killedAfter: 5 });
  for (const name of ["metrics.jsonl", "verify.json"]) {
    rmSync(join(folder, name));
    mkdirSync(join(folder, name));
  }
  writeFileSync(join(folder, "events.jsonl"), '{"t":1e308,"event":"x"}\n{"t":-5,"event":"x"}\n');
  const run = await readRun(folder);
  assert.deepEqual([run.metrics.length, run.events.length, run.verification], [0, 0, undefined]);
  assert.deepEqual(run.unread, [
    "odd/far-25ms.1/verify.json: cannot be read (EISDIR)",
    "odd/far-25ms.1/metrics.jsonl: cannot be read (EISDIR)",
    'odd/far-25ms.1/events.jsonl:1: "t" is not as docs/records.md says; the line is left out',
    'odd/far-25ms.1/events.jsonl:2: "t" is not as docs/records.md says; the line is left out',
  ]);
});

test("an experiment is all its runs in the order of their numbers, and a name is looked up under the runs' folder", () => {
  for (const repeat of [10, 9, 1]) writeRun(root, { ...ramp, experiment: "many", repeat, killedAfter: 5 });
  const names = (words: string[]) => findRuns(words, root).folders.map((path) => path.slice(root.length + 1));
  const all = ["many/far-25ms.1", "many/far-25ms.9", "many/far-25ms.10"];
  assert.deepEqual(names(["many"]), all);
  assert.deepEqual(names([join(root, "many")]), all);
  assert.deepEqual(names(["many/far-25ms.9", "many"]), [all[1], all[0], all[2]]);
  assert.equal(findRuns(["many"], root).home, join(root, "many"));
  assert.equal(findRuns(["many", "many/far-25ms.9"], root).home, undefined);
});

test("what is no run is refused with what there is instead", () => {
  mkdirSync(join(root, "empty"), { recursive: true });
  const refused = (word: string, at: string) => {
    try {
      findRuns([word], at);
    } catch (error) {
      assert.ok(error instanceof RecordError && error.exitStatus === 2);
      return `${error.code}: ${error.message}`;
    }
    return "";
  };
  assert.match(refused("empty", root), /not-a-run: .*neither a run's folder.*\n {2}fix: name a run.*many/);
  assert.match(refused("nowhere", root), /no-such-run: nowhere: .*fix: name a run/s);
  assert.match(refused("nowhere", join(root, "absent")), /fix: make a run first: .\/brume run/);
});
