/**
 * The process that holds a node's commands: `holder-main.ts FOLDER [UID GID]`. It listens at FOLDER/holder.sock for as long
 * as it lives, says `ready` once, and is there only once for a folder. UID and GID are whose clients may connect.
 */
import { randomUUID } from "node:crypto";
import { chmodSync, chownSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Holder } from "./holder.ts";

const [folder, uid, gid] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("holder-main.ts FOLDER [UID GID]\n");
  process.exit(2);
}
const socketPath = join(folder, "holder.sock");
const pidPath = join(folder, "holder.pid");

// A name that the kernel gives once, and takes back when we end: a socket that lies in the folder proves nothing.
const claim = createServer();
claim.once("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EADDRINUSE") throw error;
  process.stdout.write("ready\n", () => process.exit(0));
});
claim.listen(`\0brume-holder/${folder}`, () => {
  rmSync(socketPath, { force: true });
  const server = createServer((socket) => holder.serve(socket));
  const end = () => {
    holder.destroy();
    rmSync(socketPath, { force: true });
    rmSync(pidPath, { force: true });
    process.exit(0);
  };
  const holder = new Holder(randomUUID(), end);
  process.on("SIGTERM", end);
  process.on("SIGHUP", () => undefined);
  process.umask(0o077);
  server.listen(socketPath, () => {
    process.umask(0o022);
    chmodSync(socketPath, 0o600);
    if (uid !== undefined && gid !== undefined) chownSync(socketPath, Number(uid), Number(gid));
    writeFileSync(pidPath, `${process.pid}\n`);
    process.stdout.write("ready\n");
  });
});
