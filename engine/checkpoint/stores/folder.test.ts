import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FolderStore } from "./folder.ts";
import { promised, storeContract } from "./store-contract-for-tests.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-store-"));
after(() => rmSync(folder, { recursive: true }));
let stores = 0;
const fresh = () => join(folder, `${++stores}`);

storeContract("folder", async () => new FolderStore(fresh()), { largeBytes: 64 * 2 ** 20 });

test("what is unfinished is neither listed nor left behind by a write that fails", async () => {
  const root = fresh();
  const store = promised(new FolderStore(root));
  await store.put("a/x", new Uint8Array(3));
  writeFileSync(join(root, "a", "y.other-1.part"), "half");
  assert.deepEqual(await store.list(""), ["a/x"]);
  // A folder stands where the blob should go: the rename fails.
  await store.put("b/c/d", new Uint8Array(3));
  await assert.rejects(store.put("b/c", new Uint8Array(3)), { name: "EngineError", code: "store-failed" });
  assert.deepEqual(readdirSync(join(root, "b")), ["c"]);
});

test("a folder that cannot be made is one clear error with a remedy", async () => {
  const root = fresh();
  writeFileSync(root, "a file");
  await assert.rejects(promised(new FolderStore(root)).put("a", new Uint8Array(1)), {
    name: "EngineError",
    exitStatus: 1,
    message: /cannot write a \((?:ENOTDIR|EEXIST)\)\n {2}fix: /,
  });
});

test("a folder removed while in use is made again", async () => {
  const root = fresh();
  const store = promised(new FolderStore(root));
  await store.put("a/x", new Uint8Array(1));
  rmSync(root, { recursive: true });
  await store.put("a/y", new Uint8Array(1));
  assert.deepEqual(await store.list(""), ["a/y"]);
});

test("folders of removed blobs go with the last one, and no blob that comes meanwhile is lost", async () => {
  const root = fresh();
  const store = promised(new FolderStore(root));
  await store.put("job/1/a", new Uint8Array(1));
  await store.put("job/2/a", new Uint8Array(1));
  await store.remove("job/1/a");
  assert.deepEqual(readdirSync(join(root, "job")), ["2"]);
  await store.remove("job/2/a");
  assert.deepEqual(readdirSync(root), []);
  const two = promised(new FolderStore(root));
  for (let round = 0; round < 50; round++) {
    await store.put("job/old", new Uint8Array(1));
    await Promise.all([store.remove("job/old"), two.put(`job/new-${round}`, new Uint8Array(1))]);
    assert.deepEqual(await store.list(""), [`job/new-${round}`]);
    await two.remove(`job/new-${round}`);
  }
});
