import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { exec } from "./exec.ts";
import { SshdForTests } from "./ssh/sshd-for-tests.ts";

const servers = await SshdForTests.start([
  { name: "gate" },
  { name: "inner", behind: "gate", user: "pi" },
  { name: "pi" },
]);
process.env.XDG_CACHE_HOME ||= join(homedir(), ".cache"); // Of this person, whose runtime is packed there already.
process.env.HOME = servers.home.folder;
const labs = new TestLabs();
afterEach(async () => {
  for (const name of ["gated", "walled", "twins", "lonely"]) await labs.destroy(name);
});
after(async () => {
  await labs.end();
  await servers.end();
});

const inNetworkOf = (name: string, ...words: string[]) => {
  const { status, stderr } = spawnSync("nsenter", [
    `--net=/proc/${servers.pid(name)}/ns/net`,
    "--",
    ...words,
  ]);
  assert.equal(status, 0, stderr.toString());
};
const places = (name: string) =>
  servers.processes(name).filter((line) => /place\.sh|sleep infinity|holder/.test(line));

test("a machine behind another one needs an address that packets reach from here", async () => {
  const refused = labs.provision("name: gated\nnodes: { far: { kind: ssh, host: inner } }\n");
  await assert.rejects(refused, {
    code: "tunnel-address",
    message: /^node far \(inner\): [\s\S]*through another machine[\s\S]*add address:/,
  });
  assert.deepEqual(places("inner"), []);
});

test("with such an address its link goes past the machine in front of it", async () => {
  const address = servers.address("inner");
  inNetworkOf("gate", "sysctl", "-qw", "net.ipv4.ip_forward=1");
  spawnSync("ip", ["route", "add", `${address}/32`, "via", servers.address("gate")]);
  const lab = await labs.open(
    `name: gated\nnodes: { far: { kind: ssh, host: inner, address: ${address} }, near: {} }\n`,
  );
  const { status } = await exec(lab.node("near"), ["ping", "-c", "1", "-W", "2", "far"]);
  assert.equal(status, 0);
});

test("a firewall that eats the tunnel's packets is found out, and nothing is left there", async () => {
  const rule = ["ipproto", "udp", "dport", "14789", "blackhole"];
  inNetworkOf("pi", "ip", "rule", "add", ...rule);
  try {
    const refused = labs.provision("name: walled\nnodes: { far: { kind: ssh, host: pi } }\n");
    await assert.rejects(refused, { code: "tunnel-silent", message: /let UDP port 14789 pass/ });
    assert.deepEqual(places("pi"), []);
  } finally {
    inNetworkOf("pi", "ip", "rule", "delete", ...rule);
  }
});

test("two nodes on one machine are two nodes", async () => {
  const lab = await labs.open(
    "name: twins\nnodes: { a: { kind: ssh, host: pi }, b: { kind: ssh, host: pi } }\n",
  );
  const pinged = await exec(lab.node("a"), ["sh", "-c", "hostname; ping -c 1 -W 2 b >&2"]);
  assert.deepEqual([pinged.status, pinged.stdout.toString()], [0, "a\n"]);
  await lab.node("a").crash();
  assert.equal((await exec(lab.node("b"), ["hostname"])).stdout.toString(), "b\n");
});

test("destroy names a machine that is out of reach, keeps the record, and is believed when the lease has ended", async () => {
  const { folder } = await labs.provision(
    "name: lonely\nnodes: { far: { kind: ssh, host: pi, lease: 3s } }\n",
  );
  servers.cut("pi");
  try {
    await assert.rejects(labs.destroy("lonely"), {
      code: "machine-unreachable",
      message: /^far \(pi\): its machine is out of reach; it ends there without us, by \d\d:\d\d:\d\d UTC/,
    });
    assert.ok(folder.exists());
    assert.deepEqual(await endedWithin(8000), []);
  } finally {
    servers.mend("pi");
  }
  await labs.destroy("lonely");
  assert.ok(!folder.exists());
});

test("what is left of a node whose sitter was killed is swept by the next node of that machine", async () => {
  const { folder } = await labs.provision(
    "name: lonely\nnodes: { far: { kind: ssh, host: pi, lease: 1s } }\n",
  );
  const left = `/var/lib/brume/nodes/${folder.identity()!.id}-0`;
  const there = (code: string) => {
    const enter = ["--pid", "--mount", `--target=${servers.pid("pi")}`, "--", "sh", "-c", code];
    return spawnSync("nsenter", enter).status === 0;
  };
  process.kill(folder.keeperMark()!.pid, "SIGKILL");
  assert.ok(there(`read -r pid rest <${left}/sitter && kill -9 "$pid"`));
  await sleep(1500);
  assert.ok(there(`test -d ${left}`));
  await labs.provision("name: twins\nnodes: { near: { kind: ssh, host: pi } }\n");
  assert.ok(there(`test ! -e ${left}`));
  assert.equal(places("pi").filter((line) => line === "sleep infinity").length, 1);
});

async function endedWithin(patienceMs: number): Promise<string[]> {
  const endsMs = performance.now() + patienceMs;
  while (places("pi").length > 0 && performance.now() < endsMs) await sleep(100);
  return places("pi");
}
