/**
 * Serves a folder as a store until the pipe closes that it was started with: `folder-server-main.ts --folder DIR
 * --listen HOST:PORT`, the key in BRUME_STORE_KEY. It prints `ready` once it answers.
 */
import { parseArgs } from "node:util";
import { EngineError } from "../../engine-error.ts";
import { listening } from "../../processes/listening.ts";
import { FolderStore } from "./folder.ts";
import { folderServer } from "./folder-server.ts";
import { servedKeyVariable } from "./served.ts";

try {
  const { values } = parseArgs({ options: { folder: { type: "string" }, listen: { type: "string" } } });
  const key = process.env[servedKeyVariable];
  const [, host, port] = /^(.+):(\d+)$/.exec(values.listen ?? "") ?? [];
  if (values.folder === undefined || host === undefined || !key) {
    const what = `a folder's server needs --folder DIR, --listen HOST:PORT, and ${servedKeyVariable}`;
    throw new EngineError("usage", what, "", 2);
  }
  const server = folderServer(new FolderStore(values.folder), key);
  await listening(server, host, Number(port), "the folder's server");
  process.stdin.resume();
  // Whoever started it is gone.
  for (const event of ["end", "error", "close"]) process.stdin.once(event, () => process.exit());
  process.stdout.write("ready\n");
} catch (error) {
  if (!(error instanceof EngineError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitStatus;
}
