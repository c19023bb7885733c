import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { hostKey, hostScores, hostScoresFile, keepHostScores } from "./host-scores.ts";
import type { Scores } from "./kernels.ts";

const scores: Scores = { integer: 10, float: 20, memory: 30, json: 40 };
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "brume-scores-"));
  file = join(folder, "brume", "host-scores.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

function counting(result: Scores = scores) {
  const measure = async () => {
    measure.times += 1;
    return result;
  };
  measure.times = 0;
  return measure;
}

test("a machine is measured once, then read", async () => {
  const measure = counting();
  assert.deepEqual(await hostScores({ file, key: "cpu A", measure }), scores);
  assert.deepEqual(await hostScores({ file, key: "cpu A", measure }), scores);
  assert.equal(measure.times, 1);
});

test("another CPU or runtime is measured anew, and the first one's scores stay", async () => {
  await hostScores({ file, key: "cpu A", measure: counting() });
  const measure = counting({ ...scores, integer: 11 });
  assert.equal((await hostScores({ file, key: "cpu B", measure })).integer, 11);
  assert.equal(measure.times, 1);
  assert.equal((await hostScores({ file, key: "cpu A", measure })).integer, 10);
});

test("a damaged cache is measured over", async () => {
  await keepHostScores(scores, { file, key: "cpu A" });
  for (const damage of ["{", "[]", '{"cpu A": {"integer": -1}}']) {
    writeFileSync(file, damage);
    const measure = counting();
    assert.deepEqual(await hostScores({ file, key: "cpu A", measure }), scores);
    assert.equal(measure.times, 1);
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), { "cpu A": scores });
  }
});

test("a cache folder that cannot be made costs the measurement, not the run", async () => {
  writeFileSync(join(folder, "brume"), "in the way");
  assert.deepEqual(await hostScores({ file, key: "cpu A", measure: counting() }), scores);
  assert.equal(await keepHostScores(scores, { file, key: "cpu A" }), false);
});

test("the cache stands in XDG_CACHE_HOME, and its key names CPU, runtime and kernels", () => {
  assert.equal(hostScoresFile({ XDG_CACHE_HOME: "/c" }), "/c/brume/host-scores.json");
  assert.match(hostScoresFile({}), /\/\.cache\/brume\/host-scores\.json$/);
  assert.match(hostKey(), /, node v\d+.*, kernels \d+$/);
});
