import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { KeeperClient } from "./client.ts";

/** Answers the first `answers` orders of each connection, and hangs up on the next one. */
async function keeper(t: TestContext, answers: number): Promise<{ client: KeeperClient; orders: number[] }> {
  const folder = mkdtempSync(join(tmpdir(), "brume-client-"));
  const seen = new Map<Socket, number>();
  const server = createServer((request, response) => {
    const nth = (seen.get(request.socket) ?? 0) + 1;
    seen.set(request.socket, nth);
    if (nth > answers) request.socket.destroy();
    else response.end(JSON.stringify({ result: { nodes: [] } }));
  });
  await new Promise<void>((resolve) => server.listen({ path: join(folder, "k") }, resolve));
  const client = new KeeperClient(join(folder, "k"));
  t.after(() => {
    client.close();
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    client,
    get orders() {
      return [...seen.values()];
    },
  };
}

test("an order that meets a connection which the keeper has given up goes over a new one", async (t) => {
  const { client } = await keeper(t, 1);
  await client.ask("GET /status");
  assert.deepEqual(await client.ask("GET /status"), { nodes: [] });
});

test("a keeper that hangs up on a new connection is gone, and is asked no more than once", async (t) => {
  const there = await keeper(t, 0);
  await assert.rejects(there.client.ask("GET /status"), { code: "keeper-gone" });
  assert.deepEqual(there.orders, [1]);
});
