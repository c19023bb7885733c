import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { socketPath } from "./socket-path.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-socket-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("a socket stands in its lab's folder where the path allows it", () => {
  assert.equal(socketPath("/var/lib/brume/labs/fog", "id"), "/var/lib/brume/labs/fog/keeper.sock");
});

test("the longest path that is taken beside the folder is one that the kernel takes", async () => {
  const longest = `${folder}/${"x".repeat(107 - folder.length - 1 - "/keeper.sock".length)}`;
  const path = socketPath(longest, "id");
  assert.equal(path.length, 107);
  const server = createServer();
  await assert.rejects(
    new Promise((_, reject) => server.once("error", reject).listen(path)),
    (error: NodeJS.ErrnoException) => error.code !== "EINVAL", // Its folder is not there, but its length is right.
  );
  assert.notEqual(socketPath(`${longest}x`, "id"), join(`${longest}x`, "keeper.sock"));
});

test("deep folders of two labs get two short paths, counted in bytes", () => {
  const deep = `/${"ü".repeat(60)}`;
  assert.notEqual(socketPath(deep, "one"), socketPath(deep, "two"));
  assert.ok(Buffer.byteLength(socketPath(deep, "one")) <= 107);
});
