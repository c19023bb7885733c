import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import type { Server } from "node:http";
import { connect, createServer as createPlainServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { SecretWanted } from "#testbed/nodes/ssh/secrets.ts";
import { UserError } from "#testbed/user-error.ts";
import { KeeperClient } from "./client.ts";
import { HeldSecrets } from "./held-secrets.ts";
import { type Answers, serve } from "./server.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-server-"));
const ends: (() => void)[] = [];
after(() => {
  for (const end of ends) end();
  rmSync(folder, { recursive: true, force: true });
});
let sockets = 0;

async function start(
  answers: Partial<Answers>,
): Promise<{ client: KeeperClient; server: Server; path: string }> {
  const path = join(folder, `${sockets++}.sock`);
  const server = await serve(answers as Answers, path);
  const client = new KeeperClient(path);
  ends.push(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  return { client, server, path };
}

test("what is sent arrives as it was, and so does what comes back", async () => {
  const rules = [{ from: ["ä"], to: ["b"], change: { delayMs: 0.5 } }];
  const { client } = await start({
    "POST /impose": (sent) => {
      assert.deepEqual(sent, { name: "x", rules });
      return { name: "x", pairsChanged: 7 };
    },
  });
  assert.deepEqual(await client.ask("POST /impose", { name: "x", rules }), { name: "x", pairsChanged: 7 });
});

test("a refusal arrives with its code, its words and its exit status", async () => {
  const { client } = await start({
    "POST /act": () => {
      throw new UserError("no-such-node", "x: no such node", "name another", 2);
    },
  });
  await assert.rejects(client.ask("POST /act", { node: "x", action: "crash" }), (error) => {
    assert.ok(error instanceof UserError);
    assert.deepEqual([error.code, error.exitStatus], ["no-such-node", 2]);
    assert.match(error.message, /^x: no such node\n {2}fix: name another$/);
    return true;
  });
});

test("nobody but its user may speak to a keeper, whatever files are made like otherwise", async () => {
  const before = process.umask(0);
  try {
    const { path } = await start({});
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(process.umask(), 0);
  } finally {
    process.umask(before);
  }
});

test("an order that wants a password asks for it, hands it over and is sent again", async () => {
  const question = { of: "password of pi@berry:22", text: "password of pi@berry" };
  const held = new HeldSecrets();
  const { path } = await start({
    "POST /secrets": (sent) => {
      held.hold(sent);
      return {};
    },
    "POST /create-node": async ({ node, number }) => {
      if ((await held.tell(question, [])) === "quince") return { name: node, number, state: "running" };
      const refused = new SecretWanted([question], "ssh-auth", "berry does not let us in", "ssh-copy-id");
      throw new UserError("ssh-auth", `node ${node}: ${refused.message}`, "", 1, { cause: refused });
    },
  });
  const order = { node: "a", number: 0 };
  const nobody = new KeeperClient(path, { tell: async () => undefined });
  const asked: string[] = [];
  const somebody = new KeeperClient(path, {
    tell: async ({ text }, wrong) => {
      asked.push(text);
      return wrong.length === 0 ? "apple" : "quince";
    },
  });
  ends.push(() => nobody.close());
  ends.push(() => somebody.close());
  await assert.rejects(
    nobody.ask("POST /create-node", order),
    /node a: berry does not let us in[\s\S]*ssh-copy-id/,
  );
  const made = await Promise.all([1, 2, 3].map(() => somebody.ask("POST /create-node", order)));
  assert.deepEqual(
    made.map(({ state }) => state),
    ["running", "running", "running"],
  );
  assert.deepEqual(asked, Array(2).fill(question.text));
});

test("a mistake of ours arrives with its stack and does not end the keeper", async () => {
  const { client } = await start({
    "POST /network": () => Promise.reject(new Error("broken")),
    "POST /timeline": () => ({ planned: 1 }),
  });
  await assert.rejects(client.ask("POST /network"), /broken[\s\S]*server\.test\.ts/);
  assert.deepEqual(await client.ask("POST /timeline"), { planned: 1 });
});

test("a call that nobody answers to, and a body that is no JSON, are refused", async () => {
  const { client, path } = await start({});
  await assert.rejects(client.ask("GET /pairs"), /GET \/pairs: no such call/);
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(path, () =>
      socket.write("POST /end HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\nconnection: close\r\n\r\n{"),
    );
    let heard = "";
    socket.on("data", (part) => (heard += part));
    socket.on("end", () => resolve(heard));
    socket.on("error", reject);
  });
  assert.match(text, /keeper-failed/);
});

test("a caller that hangs in the middle of its order keeps nobody else waiting", async () => {
  const { client, path } = await start({ "POST /timeline": () => ({ planned: 2 }) });
  const hanging = connect(path, () =>
    hanging.write("POST /timeline HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{"),
  );
  hanging.on("error", () => undefined);
  await new Promise((resolve) => hanging.once("connect", resolve));
  assert.deepEqual(await client.ask("POST /timeline"), { planned: 2 });
  hanging.destroy();
});

const isGone = (error: unknown) =>
  error instanceof UserError && error.code === "keeper-gone" && error.exitStatus === 1;

test("a keeper that is not there is told as gone, with what to do about it", async () => {
  const client = new KeeperClient(join(folder, "nobody.sock"));
  await assert.rejects(
    client.ask("GET /status"),
    (error) => isGone(error) && /provision/.test((error as Error).message),
  );
  client.close();
});

test("a keeper that ends in the middle of its answer is told as gone", async () => {
  const path = join(folder, "cut.sock");
  const server = createPlainServer((socket) => {
    socket.once("data", () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"result":');
      setImmediate(() => socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = new KeeperClient(path);
  await assert.rejects(client.ask("GET /status"), isGone);
  client.close();
  server.close();
});
