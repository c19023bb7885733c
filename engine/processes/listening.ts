/** Lets a server listen, and says in one error why it cannot. */
import { rmSync } from "node:fs";
import { connect, type Server } from "node:net";
import { EngineError } from "../engine-error.ts";

/** The port that it got. `what` is for the message. */
export function listening(server: Server, host: string, port: number, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(refused(error, host, port, what)));
    server.listen({ host, port }, () => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
      resolve(address.port);
    });
  });
}

/** A unix socket: only who may open the file comes in. What one that was killed left there is taken away. */
export async function listeningAtPath(server: Server, path: string, what: string): Promise<void> {
  const tried = () =>
    new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      server.once("error", resolve);
      server.listen({ path }, () => {
        server.off("error", resolve);
        resolve(undefined);
      });
    });
  let error = await tried();
  if (error?.code === "EADDRINUSE" && !(await isHeard(path))) {
    rmSync(path, { force: true });
    error = await tried();
  }
  if (error === undefined) return;
  const at = `${what} cannot listen at ${path} (${error.code})`;
  throw new EngineError("cannot-listen", at, "name a path that is free", 1, { cause: error });
}

function isHeard(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "ECONNREFUSED"));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

function refused(error: NodeJS.ErrnoException, host: string, port: number, what: string): EngineError {
  const at = `${what} cannot listen at ${host}:${port}`;
  const options = { cause: error };
  if (error.code === "EADDRINUSE") {
    return new EngineError("port-taken", `${at}: the port is taken`, "name another port, or 0", 1, options);
  }
  const fix =
    error.code === "EACCES" ? "ports below 1024 are root's: name another one" : "name another address";
  return new EngineError("cannot-listen", `${at} (${error.code})`, fix, 1, options);
}
