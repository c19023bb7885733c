import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { capture } from "#testbed/capture.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { exec } from "./exec.ts";

const labs = new TestLabs();
const lab = await labs.open("name: nodes\nnodes: { a: {}, b: {} }\n");
const a = lab.node("a");
const b = lab.node("b");
after(() => labs.end());

const shell = (node: typeof a, code: string) => exec(node, ["sh", "-c", code]);

test("a command's two streams and its status come back apart", async () => {
  const result = await shell(a, "echo out; echo err >&2; exit 7");
  assert.deepEqual(
    [result.stdout.toString(), result.stderr.toString(), result.status, result.signal],
    ["out\n", "err\n", 7, null],
  );
});

test("a command that a signal ended is told by the signal's name", async () => {
  const result = await shell(a, "kill -TERM $$");
  assert.deepEqual([result.status, result.signal], [null, "SIGTERM"]);
});

test("a megabyte of every byte value passes through standard input and output unchanged", async () => {
  const input = Uint8Array.from({ length: 1 << 20 }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
  const { stdout, status } = await exec(a, ["cat"], { input });
  assert.equal(status, 0);
  assert.ok(stdout.equals(input));
});

test("environment and folder are the command's own", async () => {
  const { stdout } = await exec(a, ["sh", "-c", 'echo "$COLOUR $BRUME_NODE"; pwd'], {
    env: { COLOUR: "grey" },
    cwd: "/usr",
  });
  assert.equal(stdout.toString(), "grey a\n/usr\n");
});

test("a node knows its own name and every other node's address by name", async () => {
  const { stdout } = await shell(a, "hostname; getent ahosts b | awk '{print $1}' | sort -u");
  assert.deepEqual(stdout.toString().trim().split("\n").sort(), ["a", b.address.v4, b.address.v6].sort());
});

test("the machine's own /etc/hosts is left alone", async () => {
  await shell(a, "true");
  assert.doesNotMatch(readFileSync("/etc/hosts", "utf8"), new RegExp(b.address.v4.replaceAll(".", "\\.")));
});

test("nodes reach each other over IPv4 and IPv6", async () => {
  for (const address of [b.address.v4, b.address.v6]) {
    const { status, stdout } = await exec(a, ["ping", "-c", "1", "-W", "2", address]);
    assert.equal(status, 0, stdout.toString());
  }
});

test("the machine reaches every node at its address", async () => {
  const command = await lab.host().command(["ping", "-c", "1", "-W", "2", b.address.v4]);
  assert.equal((await capture(command, process.env)).status, 0);
});

test("a file put on a node has its content and its mode", async () => {
  const path = join(labs.root, "odd name 'ü.txt");
  await a.putFile(path, { bytes: Buffer.from("content") }, 0o750);
  assert.equal(readFileSync(path, "utf8"), "content");
  assert.equal(statSync(path).mode & 0o777, 0o750);
});

test("a paused node's processes stand still and go on where they were", async () => {
  const running = await a.spawn(["sh", "-c", "while :; do echo tick; sleep 0.02; done"]);
  let ticks = 0;
  running.stdout.on("data", () => ticks++);
  while (ticks < 3) await sleep(5);
  await a.pause();
  assert.equal(await a.state(), "paused");
  await sleep(100); // What it wrote before it froze may still be in the pipe.
  const frozen = ticks;
  await sleep(300);
  assert.equal(ticks, frozen);
  await a.resume();
  while (ticks === frozen) await sleep(5);
  await running.kill("SIGKILL");
  assert.equal((await running.exited).signal, "SIGKILL");
});

test("a crashed node is silent, its processes are gone, and it comes back with its address", async () => {
  const running = await b.spawn(["sleep", "1000"]);
  await b.crash();
  assert.equal((await running.exited).signal, "SIGKILL");
  assert.equal(await b.state(), "down");
  assert.notEqual((await exec(a, ["ping", "-c", "1", "-W", "1", b.address.v4])).status, 0);
  await assert.rejects(exec(b, ["true"]), { code: "node-down" });
  await b.start();
  assert.equal((await exec(a, ["ping", "-c", "1", "-W", "2", b.address.v4])).status, 0);
});

test("a crashed node's peers hear no goodbye: an open connection stays open", async () => {
  const listener = `require('net').createServer(() => console.log('in')).listen(7000, () => console.log('up'))`;
  const server = await b.spawn([process.execPath, "-e", listener]);
  await new Promise((resolve) => server.stdout.once("data", resolve));
  const caller = `const s = require('net').connect(7000, 'b'); s.on('close', () => console.log('closed')).on('error', () => {}).on('connect', () => console.log('open'))`;
  const client = await a.spawn([process.execPath, "-e", caller]);
  let heard = "";
  client.stdout.on("data", (part) => {
    heard += part;
  });
  while (!heard.includes("open")) await sleep(10);
  await b.crash();
  await sleep(500);
  assert.equal(heard, "open\n");
  await client.kill("SIGKILL");
  await client.exited;
  await b.start();
});

test("a stopped node's processes may say goodbye, and it comes back by start", async () => {
  const running = await b.spawn([
    "sh",
    "-c",
    "trap 'echo goodbye; exit 0' TERM; echo up; while :; do sleep 0.05; done",
  ]);
  let heard = "";
  running.stdout.on("data", (part) => {
    heard += part;
  });
  while (!heard.includes("up")) await sleep(10);
  await b.stop();
  assert.equal((await running.exited).status, 0);
  assert.equal(heard, "up\ngoodbye\n");
  assert.equal(await b.state(), "down");
  await b.start();
  assert.equal(await b.state(), "running");
});

test("usage counts the processes of the node alone", async () => {
  const before = (await a.usage()).processes;
  const running = await a.spawn(["sleep", "1000"]);
  while ((await a.usage()).processes !== before + 1) await sleep(10);
  assert.equal((await b.usage()).processes, 0);
  await running.kill("SIGKILL");
  await running.exited;
});
