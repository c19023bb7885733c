/** Snapshots of every version of the format are restored for ever. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { MemoryState } from "../state/memory-state.ts";
import { blobVersion } from "./blob.ts";
import type { Part } from "./part.ts";
import { canonical, contentsOf, restoredFrom, storeFrozen } from "./state-contents-for-tests.ts";
import { maxParallelism, register } from "./state-model-for-tests.ts";

const fixtures = new URL("../state/fixtures/", import.meta.url);
const read = (version: string, name: string): Uint8Array =>
  readFileSync(new URL(`${version}/${name}`, fixtures));
const json = (version: string, name: string): unknown =>
  JSON.parse(Buffer.from(read(version, name)).toString());

function restored(version: string, parallelism: number): MemoryState[] {
  const part = json(version, "part.json") as Part;
  const blobs = new Map([["state.blob", read(version, "state.blob")]]);
  return Array.from({ length: parallelism }, (_, subtask) => {
    const share = restoredFrom([part], blobs, subtask, parallelism, (keyGroup) => keyGroup % parallelism);
    return new MemoryState({ operator: "op", maxParallelism, restored: share });
  });
}

for (const version of readdirSync(fixtures)) {
  test(`a snapshot of ${version} is restored to what it was made of`, () => {
    const subtasks = restored(version, 2).map(register);
    assert.deepEqual(
      JSON.parse(JSON.stringify(canonical(contentsOf(subtasks)))),
      json(version, "contents.json"),
    );
  });
}

test("the same contents are written as the same bytes as before", () => {
  const version = `v${blobVersion}`;
  const [state] = restored(version, 1);
  register(state!);
  const blobs = new Map<string, Uint8Array>();
  const part = storeFrozen(state!.freeze(), "state.blob", undefined, blobs);
  assert.deepEqual(part, json(version, "part.json"));
  assert.deepEqual(Buffer.from(blobs.get("state.blob")!), Buffer.from(read(version, "state.blob")));
});
