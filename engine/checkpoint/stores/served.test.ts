import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { listening } from "../../processes/listening.ts";
import { FolderStore } from "./folder.ts";
import { folderServer } from "./folder-server.ts";
import { openStore } from "./open-store.ts";
import { ServedStore } from "./served.ts";
import { promised, storeContract } from "./store-contract-for-tests.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-served-"));
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close().closeAllConnections();
  rmSync(folder, { recursive: true });
});
let stores = 0;

async function serving(path = join(folder, `${++stores}`), at = 0) {
  const server = folderServer(new FolderStore(path), "the key");
  servers.push(server);
  return { server, path, port: await listening(server, "127.0.0.1", at, "a test") };
}

async function made(): Promise<ServedStore> {
  return new ServedStore("127.0.0.1", (await serving()).port, "the key");
}

storeContract("served", made, { largeBytes: 64 * 2 ** 20 });

test("another key is refused, for reading too, and says what to set", async () => {
  const { port } = await serving();
  const store = promised(new ServedStore("127.0.0.1", port, "a key"));
  await assert.rejects(store.get("a"), { code: "store-credentials" });
  await assert.rejects(openStore(`served:127.0.0.1:${port}`, {}), {
    code: "store-credentials",
    message: /BRUME_STORE_KEY/,
  });
});

test("a name that leaves the folder is refused by the server itself", async () => {
  const { port } = await serving();
  const answer = await fetch(`http://127.0.0.1:${port}/blobs/${encodeURIComponent("../x")}`, {
    method: "PUT",
    body: "x",
    headers: { Authorization: "Bearer the key" },
  });
  assert.equal(answer.status, 500);
  assert.match(await answer.text(), /not a blob's name/);
});

test("a sender that breaks off in the middle has stored nothing", async () => {
  const { port, path } = await serving();
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  socket.write("PUT /blobs/half HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer the key\r\n");
  socket.write("Content-Length: 100\r\n\r\nhalf");
  socket.destroySoon();
  const store = promised(new ServedStore("127.0.0.1", port, "the key"));
  await store.put("other", new Uint8Array(1));
  assert.deepEqual(await promised(new FolderStore(path)).list(""), ["other"]);
});

test("a server that comes back in time costs its users only that time", async () => {
  const { server, path, port } = await serving();
  const store = promised(new ServedStore("127.0.0.1", port, "the key"));
  await store.put("kept", new Uint8Array(3));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  const asked = store.get("kept");
  await serving(path, port);
  assert.equal((await asked).length, 3);
});

test("what the folder cannot do is told as the folder tells it", async () => {
  const { port, path } = await serving();
  writeFileSync(path, "a file where a folder should be");
  const store = promised(new ServedStore("127.0.0.1", port, "the key"));
  await assert.rejects(store.put("x", new Uint8Array(1)), { name: "EngineError", code: "store-failed" });
});
