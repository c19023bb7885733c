import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import { topologyOf } from "#testbed/topology-for-tests.ts";
import { ssh } from "../ssh.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-refusals-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const pi = (settings: NodeSpec["settings"] = {}): NodeSpec => ({
  name: "kitchen",
  kind: "ssh",
  role: "worker",
  device: "none",
  settings: { host: "pi@192.0.2.20", ...settings },
});
const check = (node: NodeSpec, rootless = false) => ssh.check(topologyOf([node]), [node], rootless);

test("an ordinary user's lab has no nodes on other machines", async () => {
  await assert.rejects(check(pi(), true), {
    code: "root-needed",
    message: /^node kitchen is of kind ssh: its link is a tunnel[\s\S]*fix: run brume as root/,
  });
});

test("a key that is not there is told with the command that makes one", async () => {
  const key = join(folder, "no-key");
  await assert.rejects(check(pi({ key })), {
    code: "ssh-key",
    exitStatus: 2,
    message: `node kitchen: its key ${key} is not there\n  fix: make one with: ssh-keygen -t ed25519 -f ${key}`,
  });
});

test("a node with its key, or without one of its own, is taken", async () => {
  const key = join(folder, "key");
  writeFileSync(key, "");
  await check(pi({ key }));
  await check(pi());
});
