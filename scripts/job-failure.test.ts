import assert from "node:assert/strict";
import { test } from "node:test";
import { jobFailure } from "./job-failure.ts";

const latestCheckpoint = "map/checkpoints/00000007-a1/manifest.json";
const failed = (code: string, message: string, completed: number) => ({
  failure: { code, message },
  latestCheckpoint,
  checkpointCounts: { completed, failed: 0 },
});

test("a failure that brings its remedy gets no second one", () => {
  const status = failed("store-full", "given up: cannot write x (ENOSPC)\n  fix: make room", 3);
  const { message } = jobFailure("map", status, true);
  assert.equal(message, "job map failed: given up: cannot write x (ENOSPC)\n  fix: make room");
});

test("the last checkpoint is named where this run took one and it is kept", () => {
  const status = failed("worker-lost", "worker 1 is lost", 3);
  assert.match(
    jobFailure("map", status, true).message,
    /\n {2}fix: .*--from-savepoint map\/checkpoints\/00000007/,
  );
  assert.equal(jobFailure("map", status, false).message, "job map failed: worker 1 is lost");
});

test("what the run began from, and what cannot be read, is never recommended", () => {
  const begun = failed("internal", "it is broken", 0);
  assert.doesNotMatch(jobFailure("map", begun, true).message, /--from-savepoint/);
  for (const code of ["snapshot-corrupt", "corrupt-snapshot", "incompatible-state", "blob-missing"]) {
    const { message } = jobFailure("map", failed(code, "it is broken", 3), true);
    assert.doesNotMatch(message, /--from-savepoint/, code);
  }
});
