import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { destroy } from "#testbed/destroy.ts";
import { openJournal } from "#testbed/journal.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { exec } from "./exec.ts";
import { recordPlace } from "./ssh/place-record.ts";
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
  for (const name of ["gated", "walled", "twins", "lonely", "moved"]) await labs.destroy(name);
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
/** On this machine's list. */
const sitterOf = (name: string): number => {
  const network = (pid: string | number) => readlinkSync(`/proc/${pid}/ns/net`);
  const isSitter = (pid: string) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return words.includes("sit") && network(pid) === network(servers.pid(name));
    } catch {
      return false; // It ended meanwhile.
    }
  };
  return Number(readdirSync("/proc").find((each) => /^\d+$/.test(each) && isSitter(each)));
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
      message:
        /^far \(pi\): its machine is out of reach; it ends there without us, by \d\d:\d\d:\d\d UTC[\s\S]*by hand: ssh root@\S+ sh /,
    });
    assert.ok(folder.exists());
    recordPlace(folder, 0, { leaseMs: 3000, aloneSinceMs: 0 });
    const notes: string[] = [];
    const destroying = destroy(folder, labs.root, (note) => notes.push(note));
    assert.deepEqual(await endedWithin(8000), []);
    await destroying;
    const place = `/var/lib/brume/nodes/[0-9a-f]+-0`;
    const note = new RegExp(
      `^far \\(pi\\): its machine does not answer.* ${place} stays on its disk .*by hand: ssh root@\\S+ sh ${place}/place.sh remove ${place}$`,
    );
    assert.match(notes.join("\n"), note);
    assert.ok(!folder.exists());
  } finally {
    servers.mend("pi");
  }
});

test("provision takes out a node whose machine is dead, says what stays there, and clears it when the machine is back", async () => {
  const { folder } = await labs.provision(
    "name: moved\nnodes: { far: { kind: ssh, host: pi, lease: 1s }, near: {} }\n",
  );
  const left = servers.fileOf("pi", `var/lib/brume/nodes/${folder.identity()!.id}-0`);
  // Without it nobody there ends anything, as on a machine that was switched off.
  process.kill(sitterOf("pi"), "SIGKILL");
  servers.cut("pi");
  try {
    const { notes } = await labs.provision(
      "name: moved\nnodes: { far: { kind: ssh, host: gate }, near: {} }\n",
    );
    assert.match(
      notes.join("\n"),
      /^far \(pi\): its machine does not answer.*by hand: ssh root@\S+ sh \S+ remove \S+$/,
    );
    const lab = labs.adopt("moved");
    assert.equal((await exec(lab.node("near"), ["ping", "-c", "1", "-W", "2", "far"])).status, 0);
    assert.deepEqual(lab.folder.owned().nodes.get("far")?.number, 2);
    assert.ok(existsSync(left));
  } finally {
    servers.mend("pi");
  }
  await goneWithin(left, 10_000);
  assert.deepEqual(places("pi"), []);
  assert.notDeepEqual(places("gate"), []);
});

test("a keeper clears what the one before it could not reach", async () => {
  const { folder } = await labs.provision("name: moved\nnodes: { far: { kind: ssh, host: pi }, near: {} }\n");
  const left = servers.fileOf("pi", `var/lib/brume/nodes/${folder.identity()!.id}-0`);
  await labs.killKeeper("moved");
  process.kill(sitterOf("pi"), "SIGKILL");
  recordPlace(folder, 0, { leaseMs: 60_000, left: folder.nodeSpec("far")! });
  const step = { do: "remove-node", node: "far", number: 0, because: "a test" } as const;
  openJournal(folder.file("journal.jsonl"), () => new Date()).record("did", step);
  await labs.provision("name: moved\nnodes: { near: {} }\n");
  await goneWithin(left, 10_000);
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

async function goneWithin(path: string, patienceMs: number): Promise<void> {
  const endsMs = performance.now() + patienceMs;
  while (existsSync(path)) {
    assert.ok(performance.now() < endsMs, `${path} is still there`);
    await sleep(50);
  }
}

async function endedWithin(patienceMs: number): Promise<string[]> {
  const endsMs = performance.now() + patienceMs;
  while (places("pi").length > 0 && performance.now() < endsMs) await sleep(100);
  return places("pi");
}
