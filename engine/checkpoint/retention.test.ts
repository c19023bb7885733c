import assert from "node:assert/strict";
import { test } from "node:test";
import type { Manifest } from "./manifest.ts";
import { garbage } from "./retention.ts";

const folder = (checkpoint: number, attempt = 1) =>
  `j/checkpoints/${String(checkpoint).padStart(8, "0")}-a${attempt}`;

/** A checkpoint whose one part refers to these blobs. */
function retained(checkpoint: number, blobs: readonly string[]) {
  const part = { blobs: blobs.map((name) => ({ name, length: 1 })) };
  const manifest = { checkpoint, parts: [{ task: 0, subtask: 0, part }] } as unknown as Manifest;
  return { name: `${folder(checkpoint)}/manifest.json`, manifest };
}

const own = (checkpoint: number) => [`${folder(checkpoint)}/0-0`, `${folder(checkpoint)}/manifest.json`];

test("blobs of old checkpoints go, manifests named apart from other blobs", () => {
  const names = [...own(1), ...own(2)];
  assert.deepEqual(garbage("j/checkpoints/", names, [retained(2, [`${folder(2)}/0-0`])], false), {
    manifests: [`${folder(1)}/manifest.json`],
    blobs: [`${folder(1)}/0-0`],
  });
});

test("a blob that a retained checkpoint shares stays, however old", () => {
  const found = garbage("j/checkpoints/", [...own(1), ...own(2)], [retained(2, [`${folder(1)}/0-0`])], false);
  assert.deepEqual(found, { manifests: [`${folder(1)}/manifest.json`], blobs: [] });
});

test("what is newer than the newest complete checkpoint is being written, and stays", () => {
  const names = [...own(2), `${folder(3)}/0-0`, `${folder(3, 2)}/0-1`];
  assert.deepEqual(garbage("j/checkpoints/", names, [retained(2, [`${folder(2)}/0-0`])], false).blobs, []);
});

test("without any retained checkpoint nothing goes", () => {
  assert.deepEqual(garbage("j/checkpoints/", own(1), [], false), { manifests: [], blobs: [] });
});

test("a folder that keeps all complete ones loses only what never got a manifest", () => {
  const names = [...own(1), `${folder(2)}/0-0`];
  assert.deepEqual(garbage("j/checkpoints/", names, [retained(3, [])], true), {
    manifests: [],
    blobs: [`${folder(2)}/0-0`],
  });
});

test("names that are not a checkpoint's are left alone", () => {
  assert.deepEqual(
    garbage("j/checkpoints/", ["j/checkpoints/notes.txt"], [retained(3, [])], false).blobs,
    [],
  );
});
