import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import test from "node:test";
import { EngineError } from "../engine-error.ts";
import { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { schema } from "../records/schema.ts";
import { CreditPool } from "./credit-pool.ts";
import type { Element } from "./element.ts";
import { frameKind } from "./frame.ts";
import { FrameWriter } from "./frame-writer.ts";
import { type Hello, protocolVersion } from "./hello.ts";
import type { Accept, ByteStream, InLink } from "./link.ts";
import { TcpTransport } from "./tcp-link.ts";
import { type LinkListener, type LinkListenerOptions, listenForLinks } from "./tcp-listener.ts";

const numbers = schema({ n: "integer", half: "float64" });
const channels = new Map([[4, numbers]]);
const token = "the lab's token";

/** What is consumed is filled again, so who looks later looks at a copy. */
function copyOf(batch: Batch): Batch {
  const builder = new BatchBuilder(batch.schema, batch.rowCount);
  builder.appendRange(batch, 0, batch.rowCount);
  return builder.finish();
}

function numbersFrom(first: number, count: number): Batch {
  const n = Float64Array.from({ length: count }, (_, row) => first + row);
  return new Batch(numbers, count, [n, n.map((value) => value / 2)], undefined);
}

/** Takes attempt 3 alone, and keeps what comes. */
function receiver() {
  const came: Element[] = [];
  const closed: (Error | undefined)[] = [];
  const woken: (() => void)[] = [];
  const accept: Accept = (_from, attempt) =>
    attempt !== 3
      ? undefined
      : {
          channels,
          pool: new CreditPool(8 << 20, 1),
          open: (link: InLink) => ({
            onElement(channel, element) {
              came.push(element.is === "batch" ? { ...element, batch: copyOf(element.batch) } : element);
              if (element.is === "batch") link.consumed(channel, element.bytes);
              link.flush();
              for (const wake of woken.splice(0)) wake();
            },
            onClosed(error) {
              closed.push(error);
              for (const wake of woken.splice(0)) wake();
            },
          }),
        };
  /** Until something came or went that makes `isThere` true. */
  const until = async (isThere: () => boolean): Promise<void> => {
    while (!isThere()) await new Promise<void>((resolve) => woken.push(resolve));
  };
  return { came, closed, accept, until };
}

async function withListener(
  options: Partial<LinkListenerOptions>,
  body: (listener: LinkListener) => Promise<void>,
): Promise<void> {
  const listener = await listenForLinks({
    host: "127.0.0.1",
    port: 0,
    token,
    accept: () => undefined,
    nowMs: () => performance.now(),
    ...options,
  });
  try {
    await body(listener);
  } finally {
    await listener.close();
  }
}

function bytesOfHello(hello: Partial<Hello>): Uint8Array {
  const written: Uint8Array[] = [];
  const stream: ByteStream = { write: (bytes) => written.push(bytes), end() {}, destroy() {} };
  const writer = new FrameWriter(stream, () => {});
  writer.text(
    frameKind.hello,
    JSON.stringify({ version: protocolVersion, token, worker: "w", attempt: 3, ...hello }),
  );
  writer.flush();
  return Buffer.concat(written);
}

/** Sends bytes, and waits until the listener hangs up. */
async function sendAndWait(port: number, bytes: Uint8Array): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const gone = new Promise((resolve) => socket.once("close", resolve));
  socket.write(bytes);
  socket.resume();
  await gone;
}

test("rows and signals come over TCP in order, and the end of the connection behind them", async () => {
  const { came, closed, accept, until } = receiver();
  await withListener({ accept }, async ({ port }) => {
    let row = 0;
    let isThrough = false;
    const batch = numbersFrom(0, 500_000);
    const fill = (): void => {
      row = link.sendRows(4, batch, row);
      if (row === batch.rowCount && !isThrough) {
        isThrough = true;
        link.sendSignal(4, { is: "end" });
        link.close();
      } else link.flush();
    };
    const peer = { worker: "b", host: "127.0.0.1", port };
    const link = new TcpTransport("a", token).connect(peer, 3, channels, { onWritable: fill, onClosed() {} });
    fill();
    await until(() => closed.length > 0);
    assert.deepEqual(closed, [undefined]);
    assert.deepEqual(came.pop(), { is: "end" });
    let next = 0;
    for (const element of came) {
      assert.ok(element.is === "batch");
      const [n, half] = element.batch.columns as [Float64Array, Float64Array];
      for (let at = 0; at < element.batch.rowCount; at++, next++) {
        assert.ok(n[at] === next && half[at] === next / 2);
      }
    }
    assert.equal(next, 500_000);
  });
});

test("a wrong token, a stale attempt, another version, noise and an empty hello are closed, counted, told of once", async () => {
  const told: string[] = [];
  const { accept, came } = receiver();
  await withListener({ accept, onRefused: (message) => told.push(message) }, async ({ port, refused }) => {
    for (let turn = 0; turn < 2; turn++) {
      await sendAndWait(port, bytesOfHello({ token: "guess" }));
      await sendAndWait(port, bytesOfHello({ token: "" }));
      await sendAndWait(port, bytesOfHello({ attempt: 2 }));
      await sendAndWait(port, bytesOfHello({ version: 99 }));
      await sendAndWait(port, Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
      await sendAndWait(port, bytesOfHello({ worker: 7 as never }));
    }
    assert.deepEqual(refused, { token: 4, hello: 6, timeout: 0, attempt: 2, crowd: 0 });
    assert.equal(told.length, 3);
    assert.match(told.join("\n"), /token/);
    assert.ok(!told.join().includes("guess"), "a token is never told");
    assert.equal(came.length, 0);
  });
});

test("whoever says nothing is closed after the time for a hello, whoever crowds in at once", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  await withListener({}, async ({ port, refused }) => {
    const strangers: Socket[] = [];
    for (let index = 0; index < 64; index++) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      strangers.push(socket);
    }
    await sendAndWait(port, new Uint8Array(1));
    assert.equal(refused.crowd, 1);
    const gone = strangers.map((socket) => once(socket.resume(), "close"));
    context.mock.timers.tick(5000);
    await Promise.all(gone);
    assert.equal(refused.timeout, 64);
  });
});

test("noise behind a right hello closes the link with an error", async () => {
  const { accept, closed, until } = receiver();
  await withListener({ accept }, async ({ port, refused }) => {
    await sendAndWait(port, Buffer.concat([bytesOfHello({}), Buffer.alloc(64, 7)]));
    await until(() => closed.length > 0);
    assert.equal(closed[0]?.name, "FrameError");
    assert.equal(refused.hello, 0);
  });
});

test("a peer that goes away is told to both ends once", async () => {
  const { accept, closed, until } = receiver();
  await withListener({ accept }, async ({ port, close }) => {
    const ends: (Error | undefined)[] = [];
    await new Promise<void>((resolve) => {
      const events = {
        onWritable: () => void close(),
        onClosed(error: Error | undefined) {
          ends.push(error);
          resolve();
        },
      };
      const peer = { worker: "b", host: "127.0.0.1", port };
      const link = new TcpTransport("a", token).connect(peer, 3, channels, events);
      link.sendRows(4, numbersFrom(0, 10), 0);
      link.flush();
    });
    await until(() => closed.length > 0);
    assert.equal(ends.length, 1);
    assert.equal(closed.length, 1);
  });
});

test("a peer that cannot be reached is told after a bounded number of tries, by name", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  const error = await new Promise<Error | undefined>((resolve) => {
    const peer = { worker: "dsp7", host: "127.0.0.1", port };
    new TcpTransport("a", token).connect(peer, 3, channels, { onWritable() {}, onClosed: resolve });
  });
  assert.match(
    String(error?.message),
    new RegExp(`dsp7 at 127.0.0.1:${port} cannot be reached: .*ECONNREFUSED`),
  );
});

test("a port that is taken is an error that names it", async () => {
  await withListener({}, async ({ port }) => {
    await assert.rejects(
      withListener({ port }, async () => {}),
      (error) => {
        assert.ok(error instanceof EngineError && error.code === "port-taken");
        assert.match(error.message, new RegExp(`127.0.0.1:${port}`));
        return true;
      },
    );
  });
});
