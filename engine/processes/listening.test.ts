import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { listeningAtPath } from "./listening.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-listening-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("a socket that a killed process left is taken over, one that is in use is not", async (t) => {
  const path = join(folder, "api.sock");
  const script = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => console.log("up"))`;
  const killed = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(killed.stdout, "data");
  killed.kill("SIGKILL");
  await once(killed, "exit");
  assert.ok(existsSync(path));
  const server = createServer();
  t.after(() => server.close());
  await listeningAtPath(server, path, "a test");
  await assert.rejects(listeningAtPath(createServer(), path, "another"), {
    code: "cannot-listen",
    message: /another cannot listen at .*EADDRINUSE/,
  });
});
