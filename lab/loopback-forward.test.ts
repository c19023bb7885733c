import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { forward } from "./loopback-forward.ts";

const at = (path: string) => async () => {
  const socket = connect({ path });
  await once(socket, "connect");
  return socket;
};
const folder = mkdtempSync(join(tmpdir(), "brume-forward-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What comes back until the other side ends. */
async function said(port: number, text: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  const parts: Buffer[] = [];
  socket.on("data", (part) => parts.push(part));
  socket.on("error", () => undefined);
  socket.write(text);
  await once(socket, "close");
  return Buffer.concat(parts).toString();
}

test("bytes pass both ways, and an answer that ends the connection arrives whole", async (t) => {
  const path = join(folder, "echo.sock");
  const answer = "x".repeat(1_000_000);
  const server = createServer((socket) => socket.once("data", (part) => socket.end(`${part}${answer}`)));
  await new Promise<void>((resolve) => server.listen({ path }, resolve));
  t.after(() => server.close());
  const { port, close } = await forward(0, at(path));
  t.after(close);
  assert.equal(await said(port, "question"), `question${answer}`);
});

test("while nobody listens at the socket a connection is cut off, and the next one may be luckier", async (t) => {
  const path = join(folder, "late.sock");
  const { port, close } = await forward(0, at(path));
  t.after(close);
  assert.equal(await said(port, "early"), "");
  const server = createServer((socket) => socket.end("here"));
  await new Promise<void>((resolve) => server.listen({ path }, resolve));
  t.after(() => server.close());
  assert.equal(await said(port, "late"), "here");
});

test("a port that is taken is one error that names it", async (t) => {
  const { port, close } = await forward(0, at(join(folder, "none.sock")));
  t.after(close);
  await assert.rejects(forward(port, at(join(folder, "none.sock"))), {
    code: "port-taken",
    message: new RegExp(`127.0.0.1:${port}`),
  });
});
