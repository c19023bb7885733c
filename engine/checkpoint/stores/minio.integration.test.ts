import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openMinioStore } from "./minio.ts";
import { lackingMinio } from "./minio-for-tests.ts";
import { type MinioServer, startMinioServer } from "./minio-server.ts";
import { promised, storeContract } from "./store-contract-for-tests.ts";

const skip = lackingMinio();
const folder = mkdtempSync(join(tmpdir(), "brume-minio-"));
let server: MinioServer;
before(async () => {
  if (skip === false) server = await startMinioServer({ folder });
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true });
});

let buckets = 0;
const open = async (where: string) => openMinioStore(where, server.environment);

storeContract("minio", () => open(`bucket-${++buckets}`), { skip, largeBytes: 100 * 2 ** 20 });

test("stores of one bucket with different prefixes do not see each other's blobs", { skip }, async () => {
  const [one, two] = [promised(await open("shared/one")), promised(await open("shared/two"))];
  await one.put("x", new Uint8Array(1));
  await two.put("x", new Uint8Array(2));
  assert.equal((await one.get("x")).length, 1);
  assert.deepEqual(await two.list(""), ["x"]);
  assert.deepEqual(await promised(await open("shared")).list("one/"), ["one/x"]);
});

test("wrong keys are one error that names server and variables and not the secret", { skip }, async () => {
  const wrong = { ...server.environment, BRUME_MINIO_SECRET_KEY: "not-the-secret" };
  await assert.rejects(openMinioStore("any-bucket", wrong), (error: Error) => {
    assert.match(error.message, new RegExp(`http://127.0.0.1:${server.port}`));
    assert.match(error.message, /fix: see BRUME_MINIO_ACCESS_KEY and BRUME_MINIO_SECRET_KEY/);
    assert.doesNotMatch(error.message, /not-the-secret/);
    return true;
  });
});

test("a server that is not there is one error that names it, after a bounded time", { skip }, async () => {
  const startMs = performance.now();
  const nowhere = { ...server.environment, BRUME_MINIO_ENDPOINT: "http://127.0.0.1:1" };
  await assert.rejects(openMinioStore("any-bucket", nowhere), {
    code: "store-unreachable",
    message: /http:\/\/127\.0\.0\.1:1\b[\s\S]*ECONNREFUSED[\s\S]*BRUME_MINIO_ENDPOINT/,
  });
  assert.ok(performance.now() - startMs < 20_000);
});

test("a server killed and started anew in the middle of a large write and of reads loses neither", {
  skip,
  timeout: 60_000,
}, async () => {
  const store = promised(await open("killed"));
  const bytes = new Uint8Array(96 * 2 ** 20).map((_, index) => index * 7);
  await store.put("before", bytes);
  const work = Promise.all([store.put("during", bytes), store.get("before")]);
  await sleep(100);
  await server.kill();
  server = await startMinioServer({ folder, like: server });
  const [, read] = await work;
  assert.ok(Buffer.from(bytes).equals(read));
  assert.ok(Buffer.from(bytes).equals(await store.get("during")));
});

test("a blob that changed on the server's disk is refused by name, never handed out", { skip }, async () => {
  const store = promised(await open("rotten"));
  await store.put("blob", new Uint8Array(3 * 2 ** 20).fill(7));
  const parts = readdirSync(join(folder, "rotten", "blob"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.startsWith("part."))
    .map((entry) => join(entry.parentPath, entry.name));
  assert.equal(parts.length, 1);
  const path = parts[0]!;
  const length = statSync(path).size;
  truncateSync(path, length - 1000);
  writeFileSync(path, new Uint8Array(1000), { flag: "a" });
  await assert.rejects(store.get("blob"), { name: "EngineError", message: /rotten|blob/ });
});
