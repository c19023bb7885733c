/** The lab of a sweep, on a machine that dies between two runs. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lacking } from "#testbed/doctor/commands.ts";
import { LabFolder } from "#testbed/lab.ts";
import { recordPlace } from "#testbed/nodes/ssh/place-record.ts";
import { SshdForTests } from "#testbed/nodes/ssh/sshd-for-tests.ts";
import { parseTopology } from "#testbed/topology/load.ts";
import { LabOfRuns } from "./lab-of-runs.ts";

const root = mkdtempSync(join(tmpdir(), "brume-sweep-"));
// What was packed for other machines before need not be packed again.
process.env.XDG_CACHE_HOME ||= join(homedir(), ".cache");
after(() => rmSync(root, { recursive: true, force: true }));

/** With one MTU, or the lab of the second run would be another one. */
const withNodes = (nodes: string) =>
  parseTopology(`name: sweep\nmtu: 1400B\nnodes: { near: {}${nodes} }\n`, "test.yaml", () => "");

test("what stays on a machine that died is said when a run goes on without its node, and when the lab goes", {
  skip: lacking("sshd", "ip", "unshare"),
  timeout: 120_000,
}, async (t) => {
  const servers = await SshdForTests.start([{ name: "pi" }]);
  process.env.HOME = servers.home.folder; // Whose ssh configuration knows the machine.
  const notes: string[] = [];
  const note = (text: string) => void notes.push(text);
  const { signal } = new AbortController();
  const labs = new LabOfRuns("sweep", { root, keep: false, signal, note });
  t.after(() => labs.end().finally(() => servers.end()));
  await labs.ready(withNodes(", far: { kind: ssh, host: pi, lease: 1s }"));
  assert.deepEqual(notes, []);
  const folder = new LabFolder("sweep", root);
  const { number, spec: left } = folder.owned().nodes.get("far")!;
  servers.cut("pi");
  const said = /^far \(pi\): its machine does not answer.*by hand: ssh root@\S+ sh \S+ remove \S+$/;
  await labs.ready(withNodes(""));
  assert.match(notes.splice(0).join("\n"), said);
  // As if it were long ago: what ran there has ended by itself for certain.
  recordPlace(folder, number, { leaseMs: 1000, aloneSinceMs: 0, left: left! });
  await labs.end();
  assert.match(notes.join("\n"), said);
  assert.ok(!folder.exists());
});
