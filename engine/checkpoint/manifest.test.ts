import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EngineError } from "../engine-error.ts";
import { decodeManifest, encodeManifest, type Manifest } from "./manifest.ts";
import { sealJson } from "./sealed-json.ts";

const part = (name: string) => ({
  format: 1,
  blobs: [{ name, length: 8 }],
  operators: [],
  inFlight: [],
  bytes: { full: 8, incremental: 8, inFlight: 0 },
});

const manifest: Manifest = {
  name: "job",
  job: { use: "map", settings: { keys: 10 }, parallelism: 2, maxParallelism: 4, parallelismOf: {} },
  checkpoint: 7,
  attempt: 3,
  kind: "checkpoint",
  mode: "aligned",
  startedMs: 1000,
  completedMs: 1010,
  tasks: [
    {
      name: "count",
      parallelism: 2,
      operators: ["source", "count"],
      assignment: { version: 1, subtaskOf: [0, 0, 1, 1] },
    },
  ],
  parts: [
    { task: 0, subtask: 0, part: part("job/checkpoints/7-a3/0-0") },
    { task: 0, subtask: 1, part: part("job/checkpoints/7-a3/0-1") },
  ],
};

const bytes = encodeManifest(manifest);
const where = "job/checkpoints/7-a3/manifest.json";

test("a manifest comes back as it was written", () => {
  assert.deepEqual(decodeManifest(bytes, where), manifest);
});

test("a manifest is one line of JSON that other programs can read", () => {
  const document = JSON.parse(new TextDecoder().decode(bytes));
  assert.equal(document.content.checkpoint, 7);
  assert.equal(document.format, 1);
});

test("whatever byte is changed, or however much is cut off, is refused by the file's name", () => {
  const damage = fc.record({ at: fc.nat(bytes.length - 2), by: fc.integer({ min: 1, max: 255 }) });
  fc.assert(
    fc.property(damage, ({ at, by }) => {
      const changed = bytes.slice();
      changed[at]! ^= by;
      assert.throws(() => decodeManifest(changed, where), refusedByName);
      assert.throws(() => decodeManifest(bytes.slice(0, at), where), refusedByName);
    }),
  );
});

const refusedByName = (error: unknown) =>
  error instanceof EngineError && /^snapshot-/.test(error.code) && error.message.includes(where);

test("a manifest of a later format is refused with its format", () => {
  const later = sealJson("brume-manifest", 9, manifest);
  assert.throws(() => decodeManifest(later, where), /format 9; this brume reads 1/);
});

test("a manifest that lacks a subtask's part is refused, naming the subtask", () => {
  const lacking = encodeManifest({ ...manifest, parts: manifest.parts.slice(0, 1) });
  assert.throws(() => decodeManifest(lacking, where), /the part of subtask 1 of count is missing/);
});
