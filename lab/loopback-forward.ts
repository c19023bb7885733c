/**
 * Lets this machine reach a server on a node by a port of the loopback: nodes have networks of their own, which an
 * ordinary user's machine, and one that is not theirs, has no way into.
 */
import { createServer } from "node:net";
import type { Duplex } from "node:stream";
import { UserError } from "#testbed/user-error.ts";

export type Forward = { readonly port: number; close(): Promise<void> };

/**
 * Port 0: any that is free. `open` makes a connection to the server; one that comes while that cannot be done is cut off.
 */
export async function forward(port: number, open: () => Promise<Duplex>): Promise<Forward> {
  const streams = new Set<Duplex>();
  const join = (one: Duplex, other: Duplex) => {
    streams.add(one);
    one.on("error", () => undefined);
    one.on("close", () => {
      streams.delete(one);
      endSoon(other);
    });
    one.pipe(other);
  };
  const server = createServer((incoming) => {
    streams.add(incoming);
    incoming.on("error", () => undefined);
    incoming.on("close", () => streams.delete(incoming));
    open().then(
      (outgoing) => {
        if (incoming.destroyed) return void outgoing.destroy();
        join(incoming, outgoing);
        join(outgoing, incoming);
      },
      () => {
        // What came is read: else the other end would see a connection reset, not one that ended.
        incoming.resume();
        incoming.destroySoon();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const what = `the HTTP API cannot listen at 127.0.0.1:${port} (${error.code})`;
      reject(new UserError("port-taken", what, "name another port, or 0", 1, { cause: error }));
    });
    server.listen({ host: "127.0.0.1", port }, resolve);
  });
  return {
    port: (server.address() as { port: number }).port,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const stream of streams) stream.destroy();
      return closed;
    },
  };
}

/** What it has been given by then still goes out. */
function endSoon(stream: Duplex): void {
  if (stream.writableFinished) return void stream.destroy();
  stream.once("finish", () => stream.destroy());
  if (!stream.writableEnded) stream.end();
}
