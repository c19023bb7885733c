import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { FrameReader, frameOf, keepAlive } from "./control-frames.ts";
import { ControlListener } from "./control-listener.ts";

test("messages come out as they went in, however the bytes are cut and with signs of life between", () => {
  fc.assert(
    fc.property(
      fc.array(fc.json({ maxDepth: 2 }), { maxLength: 8 }),
      fc.array(fc.nat(200), { maxLength: 60 }),
      (texts, cuts) => {
        const messages = texts.map((text) => JSON.parse(text));
        const stream = Buffer.concat(messages.flatMap((message) => [frameOf(message), keepAlive]));
        const reader = new FrameReader(1_000_000);
        const read: unknown[] = [];
        let at = 0;
        for (const cut of cuts) read.push(...reader.read(stream.subarray(at, (at += cut))));
        read.push(...reader.read(stream.subarray(at)));
        assert.deepEqual(read, messages);
      },
    ),
  );
});

test("Infinity and NaN stay what they are, and strings that speak of them too", () => {
  const message = { a: Infinity, b: [-Infinity, { c: Number.NaN, d: "Infinity", e: -0.5 }], f: null };
  assert.deepEqual(new FrameReader(1000).read(frameOf(message)), [message]);
});

test("a frame above the bound is refused before its bytes are there", () => {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(1001);
  assert.throws(() => new FrameReader(1000).read(head), { code: "frame-too-large" });
});

const hello = {
  is: "hello",
  worker: "w0",
  token: "right",
  slots: 1,
  role: "worker",
  host: "h",
  port: 1,
  pid: 1,
};

async function listener(t: TestContext) {
  const events: unknown[] = [];
  const subject = new ControlListener("right", {
    onMessage: (connection, message) => events.push([connection, message.is]),
    onClosed: (connection) => events.push([connection, "closed"]),
    onRefused: (_from, because) => events.push(because),
  });
  const port = await subject.listen("127.0.0.1", 0);
  t.after(() => subject.close());
  const call = async (): Promise<Socket> => {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  };
  return { subject, events, call };
}

test("who shows the token is let in, is heard, answered, and told of as closed", async (t) => {
  const { subject, events, call } = await listener(t);
  const socket = await call();
  socket.write(frameOf(hello));
  socket.write(frameOf({ is: "cancelled", attempt: 1 }));
  while (events.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  subject.send(1, { is: "cancel", attempt: 1 });
  const reader = new FrameReader(1000);
  let heard: unknown[] = [];
  while (heard.length === 0) heard = reader.read((await once(socket, "data"))[0] as Buffer);
  assert.deepEqual(heard, [{ is: "cancel", attempt: 1 }]);
  socket.destroy();
  while (events.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(events, [
    [1, "hello"],
    [1, "cancelled"],
    [1, "closed"],
  ]);
});

for (const [what, bytes, because] of [
  ["another token", frameOf({ ...hello, token: "wrong" }), "its token is wrong"],
  ["no token", frameOf({ is: "hello", worker: "w0" }), "its token is wrong"],
  ["something else first", frameOf({ is: "cancelled", attempt: 1 }), "it did not begin with a hello"],
  ["a long first message", frameOf({ ...hello, role: "x".repeat(5000) }), undefined],
  ["no JSON", Buffer.from("\0\0\0\x03???"), undefined],
] as const) {
  test(`who comes with ${what} is cut off and never heard`, async (t) => {
    const { events, call } = await listener(t);
    const socket = await call();
    socket.write(bytes);
    socket.resume();
    await once(socket, "close");
    assert.deepEqual(events, because === undefined ? [] : [because]);
  });
}

test("closing the listener ends its connections after what was sent", async (t) => {
  const { subject, events, call } = await listener(t);
  const socket = await call();
  socket.write(frameOf(hello));
  while (events.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  subject.send(1, { is: "shut-down" });
  const parts: Buffer[] = [];
  socket.on("data", (part: Buffer) => parts.push(part));
  await Promise.all([subject.close(), once(socket, "close")]);
  assert.deepEqual(new FrameReader(1000).read(Buffer.concat(parts)), [{ is: "shut-down" }]);
});
