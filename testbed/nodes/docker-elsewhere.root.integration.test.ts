/** Containers on another machine: an engine and a login of its own, in namespaces of this one that a cable leads to. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkNodes } from "#testbed/doctor/check-nodes.ts";
import { findCommand, lacking } from "#testbed/doctor/commands.ts";
import { visit } from "#testbed/doctor/visit.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { shell, until } from "./conformance/bench.ts";
import { DockerdForTests } from "./docker/dockerd-for-tests.ts";
import { exec } from "./exec.ts";
import { SshdForTests } from "./ssh/sshd-for-tests.ts";

const brume = fileURLToPath(new URL("../../brume", import.meta.url));
const skip = lacking("dockerd", "busybox", "setpriv", "sshd", "ip", "unshare");
if (skip) test("containers elsewhere", { skip }, () => undefined);
else await suite();

async function suite(): Promise<void> {
  const servers = await SshdForTests.start([{ name: "far", user: "pi" }]);
  const labs = new TestLabs();
  // Whoever logs in finds machines and keys by this; what was fetched or measured once stays where it is.
  process.env.XDG_CACHE_HOME ||= join(homedir(), ".cache");
  process.env.HOME = servers.home.folder;
  const docker = await DockerdForTests.startIn(servers.pid("far"));
  after(async () => {
    await labs.end();
    await servers.end();
    await docker.end();
  });
  const text =
    "name: far\nnodes: { here: {}, box: { kind: docker, host: far, lease: 3s }, crate: { kind: docker, host: far, lease: 3s } }\n" +
    "network: { pairs: [{ from: here, to: box, delay: 20ms, both: true }] }\n";
  const lab = await labs.open(text);
  const [here, box] = [lab.node("here"), lab.node("box")];

  test("doctor names the engine there, which the login reaches as root alone", async () => {
    const [health] = await checkNodes(lab.topology, visit);
    const { state, detail } = health!.findings.find(({ what }) => what === "Docker")!;
    const client = findCommand("curl") ?? findCommand("docker");
    const said = client
      ? /^\d\S+ at \/var\/run\/docker\.sock, which pi may use, by sudo$/
      : /to ask for its version$/;
    assert.equal(state, "ok", detail);
    assert.match(detail, said);
  });

  test("a container on another machine is in the lab's network, and its links are made as the file asks", async () => {
    const { stdout, status } = await exec(here, ["ping", "-c", "3", "-i", "0.2", "-W", "2", "box"]);
    assert.equal(status, 0);
    const leastMs = Number(/min\/avg\/max\/mdev = ([\d.]+)/.exec(stdout.toString())![1]);
    assert.ok(leastMs >= 40 && leastMs < 45, `${leastMs} ms`);
    for (const name of ["here", "crate"]) {
      assert.equal((await exec(box, ["ping", "-c", "1", "-W", "2", name])).status, 0, name);
    }
  });

  test("a command's streams, end and signals are a container's own", async () => {
    const large = Buffer.alloc(1 << 20, "of a stream");
    const echoed = await exec(box, ["cat"], { input: large });
    assert.deepEqual([echoed.status, echoed.stdout.equals(large)], [0, true]);
    assert.equal((await shell(box, "exit 137")).status, 137);
    assert.equal((await shell(box, "kill -TERM $$")).signal, "SIGTERM");
    const running = await box.spawn(["sleep", "1000"]);
    await running.kill("SIGKILL");
    assert.equal((await running.exited).signal, "SIGKILL");
    await assert.rejects(box.getFile("/nowhere"), { code: "node-file" });
  });

  test("a person's command prints its own words and nothing else, with a terminal and without", () => {
    const env = { ...process.env, BRUME_STATE: labs.root };
    const words = [brume, "exec", "far", "box", "--", "sh", "-c", "test -t 1 && echo seen; hostname; exit 4"];
    const plain = spawnSync(words[0]!, words.slice(1), { env, encoding: "utf8", timeout: 30_000 });
    assert.deepEqual([plain.stdout, plain.stderr, plain.status], ["box\n", "", 4]);
    const quoted = words.map((word) => `'${word}'`).join(" ");
    // `script` gives it a terminal.
    const shown = spawnSync("script", ["-qec", quoted, "/dev/null"], {
      env,
      encoding: "utf8",
      timeout: 30_000,
    });
    // The terminal shows that its input has ended, and each on the way ends lines anew.
    assert.deepEqual([shown.stdout.replaceAll(/\r|\^@/g, ""), shown.status], ["seen\nbox\n", 4]);
  });

  test("it crashes and comes back with its files", async () => {
    const path = `${await box.folder()}/kept`;
    await box.putFile(path, { bytes: Buffer.from("kept") });
    await box.crash();
    assert.equal(await box.state(), "down");
    await box.start();
    assert.equal((await box.getFile(path)).toString(), "kept");
    assert.equal((await box.usage()).processes, 0);
  });

  test("when nobody speaks for the lab any more its machine ends it, container and all", async () => {
    const { pid } = await lab.keeper.ask("GET /status");
    process.kill(pid, "SIGKILL");
    await until("its containers are gone", async () => (await docker.containers()).length === 0);
    await labs.destroy("far");
    assert.deepEqual(
      servers.processes("far").filter((line) => !/dockerd|containerd|^sleep [\d.]+$/.test(line)),
      [],
    );
  });

  test("DOCKER_HOST by ssh stands for the host that the file leaves out, and a command without it finds the lab", {
    timeout: 60_000,
  }, async () => {
    // What tells machines apart, which these two share.
    const boot = join(labs.root, "boot");
    writeFileSync(boot, "b0f6d5a8-5a55-4a3c-9d1c-0f0d6a2f7a11\n");
    const words = ["--mount", "--", "mount", "--bind", boot, "/proc/sys/kernel/random/boot_id"];
    execFileSync("nsenter", [`--target=${servers.pid("far")}`, ...words]);
    process.env.DOCKER_HOST = "ssh://far";
    const text = "name: named\nnodes: { here: {}, box: { kind: docker } }\n";
    const named = await labs.open(text);
    assert.deepEqual((await labs.provision(text)).steps, [], "it is as the file says");
    delete process.env.DOCKER_HOST;
    assert.equal((await docker.containers()).length, 1);
    assert.deepEqual([named.topology.nodes[1]!.settings.host, named.topology.mtuBytes], ["far", 1450]);
    assert.equal((await exec(named.node("here"), ["ping", "-c", "1", "-W", "2", "box"])).status, 0);
    assert.equal((await exec(named.node("box"), ["hostname"])).stdout.toString(), "box\n");
    await labs.destroy("named");
    assert.deepEqual(await docker.containers(), []);
  });
}
