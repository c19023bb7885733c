import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { command } from "./command.ts";
import { applyNetem, writeTables } from "./fabric.ts";

test("commands run in order within a namespace, one process for each run of a tool", async () => {
  const seen: string[] = [];
  const commands = [
    command("fabric", "ip link add name lab type bridge"),
    command({ node: "fabric" }, "tc qdisc add dev eth0 root handle 1: htb"),
    command("fabric", "ip link set dev lab up"),
    command("fabric", "tc qdisc add dev n0 root handle 1: htb"),
  ];
  const run = async (
    where: unknown,
    { argv, input, env }: { argv: readonly string[]; input: string; env: object },
  ) => {
    seen.push(`${JSON.stringify(where)} ${argv.join(" ")} ${JSON.stringify(env)}\n${input}`);
  };
  await applyNetem(commands, run, "/tables");
  const env = '{"TC_LIB_DIR":"/tables"}';
  assert.deepEqual(seen.sort(), [
    `"fabric" ip -batch - ${env}\nlink add name lab type bridge\nlink set dev lab up\n`,
    `"fabric" tc -batch - ${env}\nqdisc add dev n0 root handle 1: htb\n`,
    `{"node":"fabric"} tc -batch - ${env}\nqdisc add dev eth0 root handle 1: htb\n`,
  ]);
});

test("a failed command stops its namespace and is reported", async () => {
  const commands = [
    command("fabric", "ip link add name lab type bridge"),
    command("fabric", "tc qdisc add dev n0 clsact"),
  ];
  const seen: string[] = [];
  const run = async (_where: unknown, { argv }: { argv: readonly string[] }) => {
    seen.push(argv[0]!);
    throw new Error("no bridge here");
  };
  await assert.rejects(applyNetem(commands, run, "/tables"), /no bridge here/);
  assert.deepEqual(seen, ["ip"]);
});

test("tables are files that tc finds by their name", async () => {
  const folder = await mkdtemp(join(tmpdir(), "brume-tables-"));
  try {
    await writeTables([{ name: "brume-normal", text: "# normal\n1 2 3\n" }], join(folder, "inner"));
    assert.equal(await readFile(join(folder, "inner", "brume-normal.dist"), "utf8"), "# normal\n1 2 3\n");
  } finally {
    await rm(folder, { recursive: true });
  }
});
