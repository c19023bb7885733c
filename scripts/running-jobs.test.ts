import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { checkJobName, findRunning, forgetRunning, noteRunning, refuseRunning } from "./running-jobs.ts";

let folder: string;
const before = process.env.BRUME_STATE;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "brume-state-"));
  process.env.BRUME_STATE = folder;
});
afterEach(() => {
  if (before === undefined) delete process.env.BRUME_STATE;
  else process.env.BRUME_STATE = before;
  rmSync(folder, { recursive: true });
});

const job = (name: string, pid = process.pid) => ({ name, pid, url: "http://127.0.0.1:1", token: "hush" });
/** Above what Linux gives out. */
const nobody = 2 ** 22 + 1;

test("a job is found by its name, or without one while it is the only one", () => {
  noteRunning(job("a"));
  assert.deepEqual(findRunning(undefined), job("a"));
  noteRunning(job("b"));
  assert.deepEqual(findRunning("b"), job("b"));
  assert.throws(() => findRunning(undefined), /say which job: a, b/);
  assert.throws(() => findRunning("c"), /no job c runs here\n {2}fix: one of: a, b/);
});

test("a job on a lab is found by the lab's name too, unless two jobs run on it", () => {
  noteRunning({ ...job("a"), lab: "fog" });
  assert.equal(findRunning("fog").name, "a");
  noteRunning({ ...job("b"), lab: "fog" });
  assert.throws(() => findRunning("fog"), /say which job: a, b/);
  assert.equal(findRunning("b").lab, "fog");
});

test("the file with the token is its user's alone", () => {
  noteRunning(job("a"));
  assert.equal(statSync(join(folder, "jobs", "a.json")).mode & 0o777, 0o600);
});

test("a job whose process is gone is not there, and its name is free", () => {
  noteRunning(job("a", nobody));
  assert.throws(() => findRunning("a"), /no job a runs here/);
  refuseRunning("a");
});

test("a name is refused while its job runs, and free when it is forgotten", () => {
  noteRunning(job("a", process.ppid));
  assert.throws(() => refuseRunning("a"), { code: "job-runs", exitStatus: 2 });
  assert.throws(() => noteRunning(job("a")), { code: "job-runs" });
  forgetRunning(job("a"));
  assert.throws(() => refuseRunning("a"), { code: "job-runs" });
  forgetRunning(job("a", process.ppid));
  refuseRunning("a");
});

test("a file that a crash left half written hides no other job", () => {
  noteRunning(job("a"));
  writeFileSync(join(folder, "jobs", "b.json"), '{"name":');
  assert.deepEqual(findRunning(undefined), job("a"));
});

for (const name of ["", ".", "../x", "a/b", "-a", "a b", "x".repeat(101)]) {
  test(`${JSON.stringify(name)} is no job's name`, () => {
    assert.throws(() => checkJobName(name), { code: "job-name", exitStatus: 2 });
  });
}

test("a place for what runs that cannot be one is a clear error, whoever asks first", () => {
  process.env.BRUME_STATE = "/dev/null/x";
  for (const ask of [() => refuseRunning("a"), () => noteRunning(job("a")), () => findRunning(undefined)]) {
    assert.throws(ask, {
      code: "no-state-folder",
      exitStatus: 2,
      message: /\(ENOTDIR\)\n {2}fix: let BRUME_STATE /,
    });
  }
});
