/**
 * Lets this machine reach a server that listens at a unix socket by a port of the loopback: nodes have networks of their
 * own, which an ordinary user's machine has no way into, but they share the file system.
 */
import { connect, createServer, type Socket } from "node:net";
import { UserError } from "#testbed/user-error.ts";

export type Forward = { readonly port: number; close(): Promise<void> };

/** Port 0: any that is free. A connection that comes while nobody listens at the socket is cut off. */
export async function forward(port: number, path: string): Promise<Forward> {
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect({ path });
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroySoon();
      });
      socket.pipe(other);
    }
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
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}
