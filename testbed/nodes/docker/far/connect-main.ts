/**
 * Joins its own streams with a socket that a process of a container listens at: `connect-main.ts SOCKET CONTAINER NODE
 * PATH`; or with the engine's own socket, for a login that only root's rights bring there: `connect-main.ts SOCKET`.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { connectIn } from "../connect.ts";
import { goOn, refuse } from "./answer.ts";
import { reach } from "./reach.ts";

const [socket = "", container = "", node = "", path] = process.argv.slice(2);

try {
  const joined =
    path === undefined
      ? await engines()
      : await reach({ socket, container, node }, ({ root }) => connectIn(root, path));
  goOn();
  joined.on("error", () => process.exit());
  process.stdin.pipe(joined);
  await pipeline(joined, process.stdout, { end: false });
  // All that came is on its way before this program goes, and the connection with it.
  process.stdout.write("", () => process.exit());
} catch (error) {
  refuse(error);
}

async function engines(): Promise<Socket> {
  const engine = connect({ path: socket, allowHalfOpen: true });
  await once(engine, "connect");
  return engine;
}
