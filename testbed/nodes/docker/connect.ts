/** To a socket that a process of a container listens at. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import { openInRoot, withOpened } from "#testbed/linux/open-in-root.ts";
import type { ContainerRoot } from "./files.ts";

/** By its folder's descriptor: a socket's address has room for 107 bytes, and a container's path may have links. */
export async function connectIn(root: ContainerRoot, path: string): Promise<Socket> {
  return await withOpened(openInRoot(root.fd, dirname(path)), async (folder) => {
    const socket = connect(join(folder, basename(path)));
    await once(socket, "connect");
    return socket;
  });
}
