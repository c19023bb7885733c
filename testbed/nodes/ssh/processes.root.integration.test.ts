import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { lacking } from "#testbed/doctor/commands.ts";
import { exec } from "../exec.ts";
import { resolveAddress } from "./address.ts";
import { measureClock, measureClockRoughly } from "./clock.ts";
import { Connection } from "./connection.ts";
import { Processes } from "./processes.ts";
import { SshdForTests } from "./sshd-for-tests.ts";

const skip = lacking("sshd", "sudo", "ip", "unshare", "setpriv", "nsenter");
/** The machines of these tests see our files; that programs reach others is another test's matter. */
const runtime = { node: process.execPath, root: resolve(import.meta.dirname, "../../..") };
const hasty = { keepaliveMs: 300, connectTimeoutMs: 1500, patienceMs: 30_000 };

let servers: SshdForTests;
const ends: (() => void)[] = [];

before(async () => {
  if (!skip) servers = await SshdForTests.start([{ name: "gate" }, { name: "berry", user: "pi" }]);
});
after(async () => {
  for (const end of ends) end();
  await servers?.end();
});

function on(name: string, folder: string, options: { sudo?: boolean; patienceMs?: number } = {}) {
  const { patienceMs = hasty.patienceMs, ...place } = options;
  const address = resolveAddress(servers.settings(name), servers.home);
  const connection = new Connection(address, { ...hasty, patienceMs });
  const processes = new Processes(connection, { folder, runtime, ...place });
  ends.push(() => {
    processes.close();
    connection.close();
  });
  return { connection, processes };
}

async function cutFor(name: string, milliseconds: number): Promise<void> {
  servers.cut(name);
  await sleep(milliseconds);
  servers.mend(name);
}

test("a command has its streams, its status and its signal, and one that is missing is told as by a shell", {
  skip,
}, async () => {
  const { processes } = on("gate", "/root/a");
  const both = await exec(processes, ["sh", "-c", "cat; pwd; echo $MARK >&2; exit 7"], {
    input: "said\n",
    cwd: "/tmp",
    env: { MARK: "x y" },
  });
  assert.deepEqual(
    [both.status, both.signal, String(both.stdout), String(both.stderr)],
    [7, null, "said\n/tmp\n", "x y\n"],
  );
  const running = await processes.spawn(["sleep", "1000"]);
  await running.kill("SIGTERM");
  assert.deepEqual(await running.exited, { status: null, signal: "SIGTERM" });
  assert.equal((await exec(processes, ["no-such-program"])).status, 127);
  const aborted = new AbortController();
  const other = await processes.spawn(["sleep", "1000"], { signal: aborted.signal });
  aborted.abort();
  assert.deepEqual(await other.exited, { status: null, signal: "SIGKILL" });
});

test("50 MB pass through a command and back unchanged", { skip }, async () => {
  const bytes = randomBytes(50_000_000);
  const { stdout } = await exec(on("gate", "/root/a").processes, ["cat"], { input: bytes });
  assert.ok(stdout.equals(bytes));
});

test("no byte is lost or doubled in either direction while the link is lost again and again", {
  skip,
}, async () => {
  const { processes } = on("gate", "/root/a");
  const bytes = randomBytes(30_000_000);
  const running = await processes.spawn(["bash", "-c", "tee >(cat >&2)"]);
  const hashes = [running.stdout, running.stderr].map((stream) => {
    const hash = createHash("sha256");
    stream.on("data", (part: Buffer) => hash.update(part));
    return hash;
  });
  const pieces = 60;
  const writing = (async () => {
    for (let piece = 0; piece < pieces; piece += 1) {
      const part = bytes.subarray((piece * bytes.length) / pieces, ((piece + 1) * bytes.length) / pieces);
      if (!running.stdin.write(part)) await once(running.stdin, "drain");
      await sleep(20);
    }
    running.stdin.end();
  })();
  for (let time = 0; time < 2; time += 1) {
    await sleep(200);
    await cutFor("gate", 2000);
  }
  await writing;
  assert.deepEqual(await running.exited, { status: 0, signal: null });
  const wanted = createHash("sha256").update(bytes).digest("hex");
  for (const hash of hashes) assert.equal(hash.digest("hex"), wanted);
});

test("a signal that is sent while the link is lost arrives when it is back", { skip }, async () => {
  const { processes } = on("gate", "/root/a");
  const script = 'trap "echo got" USR1; echo ready; while :; do sleep 0.1; done';
  const running = await processes.spawn(["sh", "-c", script]);
  const said: Buffer[] = [];
  running.stdout.on("data", (part: Buffer) => said.push(part));
  await once(running.stdout, "data");
  const cut = cutFor("gate", 2500);
  await sleep(1500);
  await running.kill("SIGUSR1");
  await cut;
  await sleep(500);
  await running.kill("SIGTERM");
  assert.deepEqual(await running.exited, { status: null, signal: "SIGTERM" });
  assert.equal(String(Buffer.concat(said)), "ready\ngot\n");
});

test("a command is found again by who comes later, with what nobody has read", { skip }, async () => {
  const first = on("gate", "/root/b");
  const { key, pid } = await first.processes.spawn([
    "sh",
    "-c",
    "read -r line; echo $line; read -r line; echo $line",
  ]);
  first.processes.close();
  first.connection.close();
  const { processes } = on("gate", "/root/b");
  assert.deepEqual(await processes.list(), [{ key, pid, running: true }]);
  const found = await processes.find(key);
  found.stdin.end("one\ntwo\n");
  const parts: Buffer[] = [];
  found.stdout.on("data", (part: Buffer) => parts.push(part));
  assert.deepEqual(await found.exited, { status: 0, signal: null });
  assert.equal(String(Buffer.concat(parts)), "one\ntwo\n");
  await assert.rejects(processes.find("another"), { code: "no-process" });
});

test("a command that nobody comes back to ends", { skip }, async () => {
  const first = on("gate", "/root/c");
  await first.processes.spawn(["sleep", "1000"], { unattendedMs: 200 });
  first.processes.close();
  first.connection.close();
  await sleep(1000);
  assert.deepEqual(await on("gate", "/root/c").processes.list(), []);
});

test("what prints without end waits for its reader, and takes no more memory meanwhile", {
  skip,
}, async () => {
  const { processes, connection } = on("gate", "/root/d");
  const running = await processes.spawn(["sh", "-c", "while :; do echo 0123456789; done"]);
  await sleep(1500);
  const pid = String(await connection.getFile("/root/d/holder.pid")).trim();
  const { stdout } = await connection.exec(["grep", "VmRSS", `/proc/${pid}/status`]);
  assert.ok(Number(/\d+/.exec(String(stdout))![0]) < 150_000, String(stdout));
  await running.kill("SIGKILL");
  running.stdout.resume();
  assert.equal((await running.exited).signal, "SIGKILL");
});

test("with its holder every command is gone, and the next one has a new holder", { skip }, async () => {
  const { processes, connection } = on("gate", "/root/e");
  const running = await processes.spawn(["sleep", "1000"]);
  const pid = String(await connection.getFile("/root/e/holder.pid")).trim();
  await connection.exec(["kill", "-9", pid]);
  assert.deepEqual(await running.exited, { status: null, signal: "SIGKILL" });
  assert.equal((await exec(processes, ["true"])).status, 0);
});

test("a machine that stays away ends the waiting with an error, not with a silent loss", {
  skip,
}, async () => {
  const { processes } = on("gate", "/root/f", { patienceMs: 3000 });
  const running = await processes.spawn(["sleep", "1000"]);
  servers.cut("gate");
  await assert.rejects(running.exited, /gate/);
  servers.mend("gate");
  await processes.end();
});

test("as root by sudo, in a network of its own, with secrets in no list of processes", { skip }, async () => {
  const { processes, connection } = on("berry", "/home/pi/holder", { sudo: true });
  await connection.exec(["ip", "netns", "add", "own"], { sudo: true });
  const inside = ["nsenter", "--net=/run/netns/own", "--"];
  const { stdout } = await exec(processes, [
    ...inside,
    "sh",
    "-c",
    "id -un; ls /sys/class/net | wc -l; ip -br link",
  ]);
  assert.match(String(stdout), /^root\n(?:.*\n)*lo +/);
  assert.ok(!String(stdout).includes("eth0"));
  const running = await processes.spawn([...inside, "sleep", "1000"], { env: { TOKEN: "quince" } });
  assert.ok(!servers.processes("berry").join().includes("quince"));
  await running.kill("SIGTERM");
  assert.equal((await running.exited).signal, "SIGTERM");
});

test("the holder ends with its commands and leaves no process", { skip }, async () => {
  const { processes } = on("berry", "/home/pi/own");
  const running = await processes.spawn(["sleep", "2000"]);
  await processes.end();
  assert.equal((await running.exited).signal, "SIGKILL");
  await sleep(200);
  assert.ok(!servers.processes("berry").some((line) => /sleep 2000|pi\/own/.test(line)));
});

test("two who start a node's first command at once share one holder", { skip }, async () => {
  const one = on("gate", "/root/g").processes;
  const two = on("gate", "/root/g").processes;
  await Promise.all([exec(one, ["true"]), exec(two, ["true"])]);
  const holders = servers.processes("gate").filter((line) => line.includes("holder-main.ts /root/g"));
  assert.equal(holders.length, 1);
});

test("two clocks of one machine are found to agree, within what is said to be uncertain", {
  skip,
}, async () => {
  const { processes, connection } = on("gate", "/root/a");
  const fine = await measureClock(processes);
  assert.ok(Math.abs(fine.offsetNs) <= fine.uncertaintyNs, JSON.stringify(fine));
  assert.ok(Math.abs(fine.monotonicOffsetNs) <= fine.uncertaintyNs, JSON.stringify(fine));
  const rough = await measureClockRoughly(connection);
  assert.ok(Math.abs(rough.offsetNs) <= rough.uncertaintyNs, JSON.stringify(rough));
});

test("no key, password or token of these tests is in what the servers and holders wrote", {
  skip,
}, async () => {
  const key = readFileSync(servers.keyFile, "utf8").split("\n")[1]!;
  for (const name of ["gate", "berry"]) {
    const log = readFileSync(servers.fileOf(name, "sshd.log"), "utf8");
    assert.ok(!log.includes(key) && !log.includes("quince"));
  }
});
