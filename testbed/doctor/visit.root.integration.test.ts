import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { SshdForTests } from "#testbed/nodes/ssh/sshd-for-tests.ts";
import { parseTopology } from "#testbed/topology/load.ts";
import { checkNodes } from "./check-nodes.ts";
import { lacking } from "./commands.ts";
import { readFacts } from "./remote-facts.ts";
import { visit } from "./visit.ts";

const skip = lacking("sshd", "ip", "unshare", "setpriv");
let servers: SshdForTests;

before(async () => {
  if (skip !== false) return;
  servers = await SshdForTests.start([
    { name: "gate" },
    { name: "inner", behind: "gate", user: "pi" },
    { name: "locked", lines: ["AllowUsers nobody"] },
  ]);
  process.env.XDG_CACHE_HOME ||= join(homedir(), ".cache");
  process.env.HOME = servers.home.folder;
});
after(async () => await servers?.end());

const topology = parseTopology(
  `name: t
defaults: { kind: ssh }
nodes: { here: { kind: netns }, one: { host: gate }, two: { host: inner }, three: { host: locked } }
`,
  "test.yaml",
  () => "",
);

test("machines are logged in to, behind a gate too, and tell of themselves; one that lets nobody in is named", {
  skip,
}, async () => {
  const [one, two, three] = await checkNodes(topology, visit);
  for (const [health, user, root] of [
    [one, "root", "is"],
    [two, "pi", "sudo"],
  ] as const) {
    assert.ok(health?.able, JSON.stringify(health?.findings));
    assert.deepEqual([health.facts?.user, health.facts?.root, health.facts?.lacks], [user, root, []]);
    // It is this machine's own clock that they have.
    const { offsetMs, uncertaintyMs } = health.clock!;
    assert.ok(Math.abs(offsetMs) <= uncertaintyMs + 1, `${offsetMs} ± ${uncertaintyMs} ms`);
    assert.match(
      health.findings.find(({ state }) => state === "limited")?.detail ?? "",
      /^the same as that of/,
    );
  }
  assert.equal(three?.able, false);
  assert.deepEqual(
    three?.findings.map(({ what, state }) => [what, state]),
    [["login", "missing"]],
  );
  assert.ok(three?.findings[0]?.remedy);
});

test("a machine without a container engine says so where a node wants one, and nothing where none does", {
  skip,
}, async () => {
  const engineOf = async (kind: "docker" | "ssh") =>
    readFacts((await visit({ host: "inner" }, kind)).text).engine;
  assert.deepEqual([await engineOf("docker"), await engineOf("ssh")], [{ isThere: false }, undefined]);
});

test("a visit leaves nothing on the machine", { skip }, async () => {
  const before = servers.processes("gate");
  await visit({ host: "gate" }, "ssh");
  assert.deepEqual(servers.processes("gate"), before);
});
