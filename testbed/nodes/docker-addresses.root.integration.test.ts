/** Docker nodes whose engine is reached by TLS and by ssh: a real one of this machine, and the same one for both. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { lacking } from "#testbed/doctor/commands.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { CertificatesForTests } from "./docker/certificates-for-tests.ts";
import { DockerdForTests } from "./docker/dockerd-for-tests.ts";
import { exec } from "./exec.ts";
import { SshdForTests } from "./ssh/sshd-for-tests.ts";

const skip = lacking("dockerd", "busybox", "setpriv", "sshd", "ip", "unshare");
if (skip) test("engines by their addresses", { skip }, () => undefined);
else await suite();

async function suite(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "brume-docker-keys-"));
  const certificates = new CertificatesForTests(folder);
  const [docker, servers] = await Promise.all([
    DockerdForTests.start([...certificates.serverWords("127.0.0.1"), "--host", "tcp://127.0.0.1:0"]),
    SshdForTests.start([{ name: "door" }]),
  ]);
  const labs = new TestLabs();
  const before = { ...process.env };
  after(async () => {
    Object.assign(process.env, before);
    await labs.end();
    await Promise.all([docker.end(), servers.end()]);
    rmSync(folder, { recursive: true });
  });
  const tcp = `tcp://127.0.0.1:${await docker.port()}`;
  // Whoever logs in finds machines and keys by this; what was fetched or measured once stays where it is.
  process.env.XDG_CACHE_HOME ||= join(homedir(), ".cache");
  process.env.HOME = servers.home.folder;

  const works = async (name: string) => {
    const lab = await labs.open(`name: ${name}\ndefaults: { kind: docker }\nnodes: { a: {}, b: {} }\n`);
    // What its environment says by now is of no use.
    process.env.DOCKER_HOST = "tcp://192.0.2.1";
    delete process.env.DOCKER_TLS_VERIFY;
    const [a, b] = [lab.node("a"), lab.node("b")];
    const large = Buffer.alloc(1 << 20, "of a stream");
    const echoed = await exec(a, ["cat"], { input: large });
    assert.deepEqual([echoed.status, echoed.stdout.equals(large)], [0, true]);
    assert.equal((await exec(b, ["sh", "-c", "kill -9 $$"])).signal, "SIGKILL");
    assert.equal((await exec(a, ["ping", "-c", "1", "-W", "2", "b"])).status, 0);
    await b.crash();
    await b.start();
    const { stdout, status } = spawnSync(brume, ["exec", name, "b", "--", "hostname"], {
      env: { ...process.env, BRUME_STATE: labs.root },
      encoding: "utf8",
      timeout: 20_000,
    });
    assert.deepEqual([stdout, status], ["b\n", 0]);
    const record = readFileSync(join(lab.folder.path, "docker/engine.json"), "utf8");
    assert.doesNotMatch(record, /PRIVATE KEY/);
    await labs.destroy(name);
    assert.deepEqual(await docker.containers(), []);
  };
  const brume = fileURLToPath(new URL("../../brume", import.meta.url));
  const trust = (path: string) =>
    Object.assign(process.env, { DOCKER_HOST: tcp, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: path });
  const client = certificates.client();

  test("an engine that knows us by a certificate has nodes like any other", { timeout: 60_000 }, async () => {
    trust(client);
    await works("encrypted");
  });

  test("one behind ssh has, too, and lets a command end", { timeout: 60_000 }, async () => {
    process.env.DOCKER_HOST = `ssh://root@door${docker.socket}`;
    await works("behind");
  });

  const refused = async (code: string, message: RegExp) => {
    const text = "name: refused\ndefaults: { kind: docker }\nnodes: { x: {} }\n";
    await assert.rejects(labs.provision(text), { code, message });
    assert.ok(!labs.has("refused"));
  };

  test("a stranger is refused by the engine, and a strange engine by us", async () => {
    const theirs = mkdtempSync(join(folder, "theirs-"));
    const stranger = new CertificatesForTests(theirs).client();
    trust(stranger);
    await refused("docker-certificate", /do not trust each other[\s\S]*ca\.pem/);
    rmSync(join(stranger, "ca.pem"));
    spawnSync("cp", [join(client, "ca.pem"), stranger]);
    await refused("docker-certificate", /do not trust each other/);
  });

  test("a socket that nobody listens at on the machine behind ssh is named", async () => {
    process.env.DOCKER_HOST = "ssh://door/run/nobody.sock";
    await refused("no-docker", /ssh:\/\/door\/run\/nobody\.sock[\s\S]*group docker/);
  });
}
