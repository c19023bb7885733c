import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lazyStore, openStore } from "./open-store.ts";
import { promised, storeContract } from "./store-contract-for-tests.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-lazy-"));
after(() => rmSync(folder, { recursive: true }));
let stores = 0;

storeContract("lazy folder", async () => lazyStore(`folder:${join(folder, `${++stores}`)}`, {}), {
  largeBytes: 2 ** 20,
});

test("a store that cannot be opened says so to each who asks, and may be opened later", async () => {
  const store = promised(lazyStore("minio:some-bucket", {}));
  await assert.rejects(store.put("a", new Uint8Array(1)), { code: "store-credentials" });
  await assert.rejects(store.list(""), { code: "store-credentials" });
});

test("what goes wrong when a store is opened ahead is told to who asks later", async () => {
  const lazy = lazyStore("minio:some-bucket", {});
  await lazy.open();
  await assert.rejects(promised(lazy).get("a"), { code: "store-credentials" });
});

for (const spec of ["", "folder", "folder:", "minio:", "s3:bucket", "/a/folder"]) {
  test(`${JSON.stringify(spec)} names no store, and the error says how one is named`, async () => {
    await assert.rejects(openStore(spec, {}), {
      code: "store-unknown",
      exitStatus: 2,
      message: /folder:DIR, minio:BUCKET/,
    });
  });
}

test("opening a folder makes nothing yet", async () => {
  const path = join(folder, "untouched");
  await openStore(`folder:${path}`, {});
  assert.equal(existsSync(path), false);
});
