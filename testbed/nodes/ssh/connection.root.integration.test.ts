import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { lacking } from "#testbed/doctor/commands.ts";
import { exec } from "../exec.ts";
import { resolveAddress, type SshAddress } from "./address.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { overHosts } from "./parallel.ts";
import { type Secret, type Secrets, wantedBy } from "./secrets.ts";
import { piPassword } from "./sshd-files-for-tests.ts";
import { SshdForTests } from "./sshd-for-tests.ts";

const skip = lacking("sshd", "sudo", "ip", "unshare", "setpriv");

let servers: SshdForTests;
const open: Connection[] = [];

before(async () => {
  if (skip) return;
  servers = await SshdForTests.start([
    { name: "gate" },
    { name: "inner", behind: "gate" },
    { name: "berry", user: "pi", passwords: true },
    { name: "strict", lines: ["AllowStreamLocalForwarding no", "AllowTcpForwarding no"] },
  ]);
});
after(async () => {
  for (const connection of open) connection.close();
  await servers?.end();
});

const addressOf = (name: string) => resolveAddress(servers.settings(name), servers.home);
const hasty = { keepaliveMs: 300, connectTimeoutMs: 1500, patienceMs: 20_000 };

function to(where: string | SshAddress, options: ConnectionOptions = hasty): Connection {
  const connection = new Connection(typeof where === "string" ? addressOf(where) : where, options);
  open.push(connection);
  return connection;
}

test("a command has its streams, its status and its signal", { skip }, async () => {
  const gate = to("gate");
  const both = await gate.exec(["sh", "-c", "cat; echo wrong >&2; exit 7"], { input: "said\n" });
  assert.deepEqual(
    [both.status, both.signal, String(both.stdout), String(both.stderr)],
    [7, null, "said\n", "wrong\n"],
  );
  const running = await gate.spawn(["sleep", "1000"]);
  await running.kill("SIGTERM");
  running.stdout.resume();
  running.stderr.resume();
  assert.deepEqual(await running.exited, { status: null, signal: "SIGTERM" });
});

test("a megabyte of any bytes comes back as it went", { skip }, async () => {
  const bytes = randomBytes(2 ** 20);
  const { stdout } = await to("gate").exec(["cat"], { input: bytes });
  assert.ok(stdout.equals(bytes));
});

test("a machine behind another one is reached through it", { skip }, async () => {
  const { stdout } = await to("inner").exec(["hostname"]);
  assert.equal(String(stdout), "inner\n");
});

test("an ordinary user becomes root by sudo where asked", { skip }, async () => {
  const berry = to("berry");
  assert.equal(String((await berry.exec(["id", "-un"])).stdout), "pi\n");
  assert.equal(String((await berry.exec(["id", "-un"], { sudo: true })).stdout), "root\n");
  writeFileSync(servers.fileOf("berry", "etc/sudoers"), "root ALL=(ALL:ALL) ALL\n");
  await assert.rejects(berry.exec(["id"], { sudo: true }), { code: "ssh-sudo" });
  writeFileSync(servers.fileOf("berry", "etc/sudoers"), "pi ALL=(ALL:ALL) NOPASSWD: ALL\n");
});

test("values of the environment are in no list of processes", { skip }, async () => {
  const gate = to("gate");
  const running = await gate.spawn(["sh", "-c", 'echo "$TOKEN"; sleep 1000'], { env: { TOKEN: "quince" } });
  const [said] = await once(running.stdout, "data");
  assert.equal(String(said), "quince\n");
  assert.ok(!servers.processes("gate").join().includes("quince"));
  await running.kill("SIGKILL");
});

test("files of any name come and go whole, with their modes, as root too", { skip }, async () => {
  const berry = to("berry");
  const bytes = randomBytes(300_000);
  const path = "/home/pi/new folder/-odd 'name'\n\"$HOME\" ß";
  await berry.putFile(path, { bytes }, { mode: 0o640 });
  assert.ok((await berry.getFile(path)).equals(bytes));
  assert.equal(statSync(servers.fileOf("berry", path)).mode & 0o777, 0o640);
  await assert.rejects(berry.putFile("/root/x", { bytes }), { code: "ssh-file" });
  await berry.putFile("/root/x", { bytes }, { sudo: true, mode: 0o600 });
  assert.ok((await berry.getFile("/root/x", { sudo: true })).equals(bytes));
  await assert.rejects(berry.getFile("/home/pi/none"), /none/);
  await assert.rejects(berry.putFile("/home/pi", { bytes }), /is a folder/);
});

test("a file of 50 MB arrives unchanged", { skip }, async () => {
  const local = join(servers.folder, "fifty");
  const bytes = randomBytes(50_000_000);
  writeFileSync(local, bytes);
  const gate = to("gate");
  await gate.putFile("/root/fifty", { local });
  assert.ok((await gate.getFile("/root/fifty")).equals(bytes));
});

test("a file whose transfer the link interrupts is not there in part, and arrives when the link is back", {
  skip,
}, async () => {
  const gate = to("gate");
  await gate.open();
  const bytes = randomBytes(60_000_000);
  const putting = gate.putFile("/root/late/file", { bytes });
  await sleep(100);
  servers.cut("gate");
  await sleep(2500);
  assert.ok(!readdirSync(servers.fileOf("gate", "root/late")).includes("file"));
  servers.mend("gate");
  await putting;
  assert.ok(readFileSync(servers.fileOf("gate", "root/late/file")).equals(bytes));
});

test("sockets and ports of a machine are reached, unless its sshd forbids it", { skip }, async () => {
  const path = join(servers.folder, "echo.sock");
  const server = createServer((socket) => socket.pipe(socket)).listen(path);
  await once(server, "listening");
  try {
    const gate = to("gate");
    const stream = await gate.forwardSocket(path);
    stream.write("hello");
    assert.equal(String((await once(stream, "data"))[0]), "hello");
    stream.destroy();
    const ssh = await gate.forwardTcp("127.0.0.1", 22);
    assert.match(String((await once(ssh, "data"))[0]), /^SSH-2\.0/);
    ssh.destroy();
    await assert.rejects(gate.forwardSocket("/no/such.sock"), { code: "ssh-nobody-there" });
    await assert.rejects(gate.forwardTcp("127.0.0.1", 1), { code: "ssh-nobody-there" });
    await assert.rejects(to("strict").forwardSocket(path), /AllowStreamLocalForwarding/);
    await assert.rejects(to("strict").forwardTcp("127.0.0.1", 22), { code: "ssh-forbidden" });
  } finally {
    server.close();
  }
});

test("a machine whose key nobody knows is refused with the line that makes it known", { skip }, async () => {
  const knownHosts = [join(servers.folder, "own_known_hosts")];
  const unknown = { ...addressOf("gate"), knownHosts };
  const error = await to(unknown)
    .open()
    .then(
      () => assert.fail("it was let in"),
      (refused: Error & { code: string }) => refused,
    );
  assert.equal(error.code, "ssh-unknown-key");
  const line = error.message.split("\n").at(-1)!;
  writeFileSync(knownHosts[0]!, `${line}\n`);
  await to(unknown).open();
  const [name, type] = line.split(" ");
  const other = readFileSync(join(servers.folder, "berry/host_key.pub"), "utf8").split(" ")[1];
  writeFileSync(knownHosts[0]!, `${name} ${type} ${other}\n`);
  await assert.rejects(to(unknown).open(), { code: "ssh-changed-key" });
});

test("a wrong key is refused with what was tried, and a key that others can read is not used", {
  skip,
}, async () => {
  const wrong = join(servers.folder, "wrong_key");
  copyFileSync(join(servers.folder, "gate/host_key"), wrong);
  chmodSync(wrong, 0o600);
  const address = { ...addressOf("gate"), keys: [wrong] };
  await assert.rejects(to(address).open(), (error: Error & { code: string }) => {
    assert.equal(error.code, "ssh-auth");
    assert.match(error.message, /wrong_key \(SHA256:.*would take: publickey/s);
    return true;
  });
  chmodSync(wrong, 0o644);
  await assert.rejects(to(address).open(), /chmod 600/);
});

test("a password is asked for when no key fits, and again when it was wrong", { skip }, async () => {
  const address = { ...addressOf("berry"), keys: [] };
  const answers = ["wrong", piPassword];
  const asked: string[] = [];
  const fitted: Secret[] = [];
  const secrets: Secrets = {
    tell: async ({ text }, wrong) => {
      asked.push(`${text}, not ${wrong.join()}`);
      return answers.shift();
    },
    fits: async (secret) => void fitted.push(secret),
  };
  const { stdout } = await to(address, { ...hasty, secrets }).exec(["id", "-un"]);
  assert.equal(String(stdout), "pi\n");
  assert.deepEqual(asked, ["password of pi@berry, not ", "password of pi@berry, not wrong"]);
  const of = `password of pi@${servers.address("berry")}:22`;
  assert.deepEqual(fitted, [{ of, secret: piPassword }]);
  await assert.rejects(to(address).open(), { code: "ssh-auth" });
  const unknown = to(address, { ...hasty, secrets: { tell: async () => undefined } });
  await assert.rejects(unknown.open(), (error) => {
    assert.deepEqual(wantedBy(error), [{ of, text: "password of pi@berry" }]);
    return true;
  });
});

test("the agent's key lets in where there is no file of it", { skip }, async () => {
  const socket = join(servers.folder, "agent.sock");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    await once(agent.stdout, "data");
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    assert.equal(spawnSync("ssh-add", [servers.keyFile], { env }).status, 0);
    await to({ ...addressOf("gate"), keys: [], agent: socket }).open();
    const other = join(servers.folder, "gate/host_key");
    const strict = { ...addressOf("gate"), keys: [other], onlyTheseKeys: true, agent: socket };
    await assert.rejects(to(strict).open(), /tried: key [^;]*host_key[^;]*; it would take/);
    // By its public half the agent's key is known to be the one that is meant.
    const half = join(servers.folder, "half");
    copyFileSync(`${servers.keyFile}.pub`, `${half}.pub`);
    await to({ ...strict, keys: [half] }).open();
  } finally {
    agent.kill();
  }
});

test("a key with a passphrase asks for it, and is passed over without a terminal", { skip }, async () => {
  const locked = join(servers.folder, "locked");
  copyFileSync(servers.keyFile, locked);
  chmodSync(locked, 0o600);
  const words = ["-q", "-p", "-P", "", "-N", "open sesame", "-f", locked];
  assert.equal(spawnSync("ssh-keygen", words).status, 0);
  const address = { ...addressOf("gate"), keys: [locked] };
  const saying = (secret: string) => ({ ...hasty, secrets: { tell: async () => secret } });
  await to(address, saying("open sesame")).open();
  await assert.rejects(to(address, saying("wrong")).open(), /wrong passphrase/);
  await assert.rejects(to(address).open(), /ssh-add/);
});

test("who is not there, not listening or silent is told apart", { skip }, async () => {
  const address = addressOf("gate");
  await assert.rejects(to({ ...address, port: 2 }).open(), { code: "ssh-refused" });
  await assert.rejects(to({ ...address, host: "no-such-host.invalid" }).open(), { code: "ssh-unreachable" });
  await assert.rejects(to({ ...addressOf("inner"), port: 2 }).open(), /gate does not reach/);
  servers.cut("strict");
  const began = performance.now();
  await assert.rejects(to("strict").open(), (error: Error & { code: string }) =>
    ["ssh-timeout", "ssh-unreachable"].includes(error.code),
  );
  assert.ok(performance.now() - began < 10_000);
  servers.mend("strict");
});

test("a command that loses its link says so, and the next one makes a new link", { skip }, async () => {
  const gate = to("gate");
  const running = exec(gate, ["sleep", "1000"]);
  const lost = assert.rejects(running, { code: "ssh-lost" });
  await sleep(300);
  servers.cut("gate");
  await lost;
  servers.mend("gate");
  await gate.openWithin(10_000);
  assert.equal((await gate.exec(["true"])).status, 0);
});

test("forty commands at once pass over one connection that allows ten", { skip }, async () => {
  const gate = to("gate");
  const results = await overHosts([...Array(40).keys()], 40, async (number) =>
    String((await gate.exec(["echo", String(number)])).stdout),
  );
  assert.deepEqual(
    results,
    [...Array(40).keys()].map((number) => `${number}\n`),
  );
});
