import assert from "node:assert/strict";
import { test } from "node:test";
import { readUsage } from "./place-usage.ts";

test("usage by control groups of version 1: nanoseconds, and memory less what the kernel would drop", () => {
  const text = "processes 3\ncpuNs 2500000000\nmemory 1000000\ninactive_file 7\ntotal_inactive_file 400000";
  assert.deepEqual(readUsage(text), { processes: 3, cpuSeconds: 2.5, memoryBytes: 600_000 });
});

test("usage by control groups of version 2: microseconds", () => {
  const text = "processes 1\nusage_usec 1500000\nmemory 300000\ninactive_file 100000";
  assert.deepEqual(readUsage(text), { processes: 1, cpuSeconds: 1.5, memoryBytes: 200_000 });
});

test("a machine without control groups counts processes alone", () => {
  assert.deepEqual(readUsage("processes 2"), { processes: 2 });
});

test("a place that is gone uses nothing", () => {
  assert.deepEqual(readUsage("absent"), { processes: 0 });
});
