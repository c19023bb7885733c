import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { exec } from "./exec.ts";
import type { Node } from "./node.ts";
import { SshdForTests } from "./ssh/sshd-for-tests.ts";

const servers = await SshdForTests.start([{ name: "one", user: "pi" }, { name: "two" }]);
process.env.XDG_CACHE_HOME ||= join(homedir(), ".cache"); // Of this person, whose runtime is packed there already.
process.env.HOME = servers.home.folder; // Whose ssh configuration knows the machines; the keeper inherits it.
const labs = new TestLabs();
after(async () => {
  await labs.end();
  await servers.end();
});

const topology = `
name: far
nodes:
  a: { kind: ssh, host: one, lease: 4s }
  b: { kind: ssh, host: two, lease: 4s, device: pi3b }
  c: {}
network:
  pairs:
    - { from: a, to: b, both: true, delay: 20ms }
    - { from: c, to: a, both: true, delay: 5ms }
`;
const lab = await labs.open(topology);
const [a, b, c] = ["a", "b", "c"].map((name) => lab.node(name)) as [Node, Node, Node];

const shell = (node: Node, code: string) => exec(node, ["sh", "-c", code]);
const pingMs = async (from: Node, to: string, options = "") => {
  const { stdout, stderr } = await shell(from, `ping -c 5 -i 0.05 -W 2 ${options} ${to}`);
  const times = [...stdout.toString().matchAll(/time=([\d.]+)/g)].map(([, time]) => Number(time));
  assert.ok(times.length > 0, `${stdout}${stderr}`);
  return Math.min(...times);
};
/** On the other machine, whether anything of the lab is left. */
const remains = (name: string) =>
  servers.processes(name).filter((line) => /place\.sh|sleep|holder/.test(line));
const until = async (claim: () => boolean | Promise<boolean>, patienceMs: number) => {
  const endsMs = performance.now() + patienceMs;
  while (!(await claim())) {
    if (performance.now() > endsMs) return false;
    await sleep(100);
  }
  return true;
};

test("nodes on other machines and on this one feel the delays that the topology asks for", async () => {
  assert.ok(Math.abs((await pingMs(a, "b")) - 40) < 1.5);
  assert.ok(Math.abs((await pingMs(a, "c")) - 10) < 1.5);
  assert.ok(Math.abs((await pingMs(c, "a", "-6")) - 10) < 1.5);
  assert.ok((await pingMs(c, "b")) < 3);
});

test("the largest packet passes, and a TCP flow between two machines keeps whole packets", async () => {
  assert.ok((await pingMs(a, "b", "-4 -s 1422 -M do")) >= 40);
  const listener = `require("net").createServer(s=>{let n=0;s.on("data",d=>n+=d.length).on("end",()=>{console.log(n);process.exit()})}).listen(7001,()=>console.log("up"))`;
  const { node } = await b.runtime();
  const server = await b.spawn([node, "-e", listener]);
  let heard = "";
  server.stdout.on("data", (part) => {
    heard += part;
  });
  assert.ok(await until(() => heard.includes("up"), 10_000));
  const sender = `const s=require("net").connect(7001,"b",()=>s.end(Buffer.alloc(3e6)))`;
  assert.equal((await exec(a, [(await a.runtime()).node, "-e", sender])).status, 0);
  await server.exited;
  assert.match(heard, /3000000/);
});

test("a command runs as who logs in, under the node's name, and knows the others by name", async () => {
  const { stdout } = await shell(a, "id -un; hostname; pwd; getent ahosts c | awk '{print $1}' | sort -u");
  const lines = stdout.toString().trim().split("\n");
  assert.deepEqual(lines.slice(0, 3), ["pi", "a", "/home/pi"]);
  assert.deepEqual(lines.slice(3).sort(), [c.address.v4, c.address.v6].sort());
  assert.equal((await shell(b, "id -un")).stdout.toString(), "root\n");
});

test("the machine's own name, hosts file and interface are as before", () => {
  const there = readFileSync(`/proc/${servers.pid("one")}/root/etc/hosts`, "utf8");
  assert.ok(!there.includes(c.address.v4));
});

test("a node is held to its device class by its own machine, and the lab's record says so", () => {
  const limit = lab.folder.limits().b!;
  assert.equal(limit.device, "pi3b");
  assert.deepEqual([limit.cpu, limit.memory], [{ enforced: true }, { enforced: true }]);
  assert.equal(lab.folder.limits().a, undefined);
});

test("a limited node uses no more than its quota", async () => {
  const { quotaCores } = lab.folder.limits().b!;
  const before = await b.usage();
  const busy = await b.spawn(["sh", "-c", "while :; do :; done"]);
  const startMs = performance.now();
  await sleep(1500);
  const cores = ((await b.usage()).cpuSeconds! - before.cpuSeconds!) / ((performance.now() - startMs) / 1000);
  await busy.kill("SIGKILL");
  assert.equal((await busy.exited).signal, "SIGKILL");
  assert.ok(cores < quotaCores! * 1.25, `${cores} of ${quotaCores}`);
});

test("usage counts what the node runs, and nothing that keeps it", async () => {
  assert.equal((await a.usage()).processes, 0);
  const running = await a.spawn(["sleep", "1000"]);
  assert.ok(await until(async () => (await a.usage()).processes === 1, 5000));
  await running.kill("SIGKILL");
  await running.exited;
});

test("a paused node's processes stand still and go on where they were", async () => {
  const running = await a.spawn(["sh", "-c", "while :; do echo tick; sleep 0.02; done"]);
  let ticks = 0;
  running.stdout.on("data", () => ticks++);
  assert.ok(await until(() => ticks > 2, 5000));
  await a.pause();
  await sleep(300);
  const frozen = ticks;
  await sleep(400);
  assert.equal(ticks, frozen);
  await a.resume();
  assert.ok(await until(() => ticks > frozen, 5000));
  await running.kill("SIGKILL");
  await running.exited;
});

test("a crashed node is silent, a frozen one too, and comes back with its address and its files", async () => {
  const running = await b.spawn(["sleep", "1000"]);
  const file = join(await b.folder(), "kept.txt");
  await b.putFile(file, { bytes: Buffer.from("kept") });
  await b.pause();
  await b.crash();
  assert.equal((await running.exited).signal, "SIGKILL");
  assert.notEqual((await shell(c, `ping -c 1 -W 1 ${b.address.v4}`)).status, 0);
  await assert.rejects(exec(b, ["true"]), { code: "node-down" });
  await b.start();
  assert.ok((await pingMs(c, "b")) < 3);
  assert.equal((await b.getFile(file)).toString(), "kept");
});

test("a stopped node's processes may say goodbye", async () => {
  const running = await a.spawn([
    "sh",
    "-c",
    "trap 'echo goodbye; exit 0' TERM; echo up; while :; do sleep 0.05; done",
  ]);
  let heard = "";
  running.stdout.on("data", (part) => {
    heard += part;
  });
  assert.ok(await until(() => heard.includes("up"), 5000));
  await a.stop();
  assert.equal((await running.exited).status, 0);
  assert.equal(heard, "up\ngoodbye\n");
  await a.start();
});

test("a link that is lost for less than the lease ends nothing", async () => {
  const running = await a.spawn(["sleep", "1000"]);
  const processes = () => servers.processes("one").filter((line) => line === "sleep 1000").length;
  assert.ok(await until(() => processes() === 1, 5000));
  servers.cut("one");
  await sleep(1500);
  servers.mend("one");
  await sleep(4000);
  assert.equal(processes(), 1);
  await running.kill("SIGKILL");
  await running.exited;
});

test("a lab whose keeper was killed is taken off its machines when the lease ends", async () => {
  await a.spawn(["sleep", "1001"]);
  process.kill(lab.folder.keeperMark()!.pid, "SIGKILL");
  assert.ok(remains("one").length > 0);
  assert.ok(
    await until(() => remains("one").length + remains("two").length === 0, 10_000),
    remains("one").join("\n"),
  );
});

test("a lab that was destroyed leaves nothing on its machines", async () => {
  await labs.provision(topology);
  assert.ok(remains("one").length > 0);
  await labs.destroy("far");
  assert.deepEqual([...remains("one"), ...remains("two")], []);
});
