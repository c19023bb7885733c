import assert from "node:assert/strict";
import { test } from "node:test";
import { least, oneRun, read } from "./experiment-for-tests.ts";
import { fingerprintOf } from "./fingerprint.ts";

test("two plans that say the same have one fingerprint, whatever they are called and however they are written", async () => {
  const one = await oneRun("job: { use: map, keys: 5, payload: 8B }\nduration: 3m\n");
  const other = await read(
    `name: other\nseed: 1\njob: { payload: 8B, keys: 5, use: map }\ntopology: lab.yaml\nsweep: { duration: [180s] }\n`,
  );
  assert.equal(fingerprintOf(other.runs[0]!), fingerprintOf(one));
  assert.match(fingerprintOf(one), /^[0-9a-f]{64}$/);
});

test("it survives JSON", async () => {
  const plan = await oneRun();
  assert.equal(fingerprintOf(JSON.parse(JSON.stringify(plan)) as typeof plan), fingerprintOf(plan));
});

test("whatever changes what a run does changes its fingerprint", async () => {
  const changes = [
    "job: { use: map, keys: 6 }\n",
    "load: { rate: 7/s }\n",
    "network: none\n",
    "seed: 2\n",
    "duration: 1m\n",
    "engine: { buffers: 1MiB }\n",
    "engine: { checkpoints: { every: none } }\n",
    "autoscaler: { policy: flink }\n",
    "autoscaler: { max: 3 }\n",
    "autoscaler: { dry-run: true }\n",
    "",
  ];
  const prints = await Promise.all(changes.map(async (more) => fingerprintOf(await oneRun(more))));
  assert.equal(new Set(prints).size, changes.length);
});

test("repeats differ by their seeds", async () => {
  const { runs } = await read(least("repeat: 3\n"));
  assert.equal(new Set(runs.map(fingerprintOf)).size, 3);
});
