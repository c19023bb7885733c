/** What is docker nodes' own beside the conformance suite: images, engines, a file system and processes apart. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { lacking } from "#testbed/doctor/commands.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import type { Lab } from "#testbed/open-lab.ts";
import { defaultPairs, verifyLab } from "#testbed/verify/verify-lab.ts";
import { DockerdForTests } from "./docker/dockerd-for-tests.ts";
import { type ImageEntry, loadImage } from "./docker/image-archive.ts";
import { findBusybox } from "./docker/own-image.ts";
import { exec } from "./exec.ts";
import type { Node } from "./node.ts";

const skip = lacking("dockerd", "busybox", "setpriv");
if (skip) test("docker nodes", { skip }, () => undefined);
else await suite();

async function suite(): Promise<void> {
  const docker = await DockerdForTests.start();
  const labs = new TestLabs();
  const folder = mkdtempSync(join(tmpdir(), "brume-docker-test-"));
  after(async () => {
    await labs.end();
    await docker.end();
    rmSync(folder, { recursive: true });
  });
  const { engine } = docker;
  const lab = await labs.open("name: own\ndefaults: { kind: docker }\nnodes: { a: {}, b: {} }\n");
  const [a, b] = [lab.node("a"), lab.node("b")];

  test("a namespace and containers share one network, and their links are as the file asks", async () => {
    const mixed = await labs.open(
      "name: mixed\nnodes: { here: {}, one: { kind: docker }, two: { kind: docker } }\n" +
        "network: { pairs: [{ from: here, to: one, delay: 10ms }, { from: one, to: two, delay: 20ms }] }\n",
    );
    const [here, one] = [mixed.node("here"), mixed.node("one")];
    const ping = async (from: Node, to: string) =>
      (await exec(from, ["ping", "-c", "1", "-W", "2", to])).status;
    assert.deepEqual([await ping(here, "one"), await ping(one, "two"), await ping(one, "here")], [0, 0, 0]);
    const edges = { progress: () => undefined, now: () => new Date(), nowMs: () => performance.now() };
    const report = await verifyLab(mixed, { pairs: defaultPairs, seed: 1, seconds: 2 }, edges);
    assert.deepEqual([report.verdict, report.pairsMeasured], ["ok", 6]);
    await labs.destroy("mixed");
  });

  test("a lab's containers are known by their labels and restart with nothing that brume does not start", async () => {
    const { Config: config, HostConfig: host } = await engine
      .getContainer(`brume-${lab.identity.id}-a`)
      .inspect();
    assert.deepEqual(
      [
        config.Labels["brume.lab"],
        config.Labels["brume.lab-name"],
        config.Labels["brume.node"],
        config.Hostname,
      ],
      [lab.identity.id, lab.identity.name, "a", "a"],
    );
    assert.deepEqual([host.RestartPolicy?.Name, host.NetworkMode], ["no", "none"]);
  });

  test("commands that work on a lab find its engine, whatever DOCKER_HOST says by then", async () => {
    const { DOCKER_HOST } = process.env;
    try {
      process.env.DOCKER_HOST = "tcp://192.0.2.1:2375";
      assert.equal((await exec(labs.adopt(lab.folder.name).node("a"), ["true"])).status, 0);
    } finally {
      process.env.DOCKER_HOST = DOCKER_HOST;
    }
  });

  test("an engine that cannot be trusted or is not there is refused before anything is started", async () => {
    const { DOCKER_HOST } = process.env;
    try {
      for (const [host, code] of [
        ["tcp://192.0.2.1:2375", "docker-unencrypted"],
        [`unix://${folder}/nobody.sock`, "no-docker"],
      ] as const) {
        process.env.DOCKER_HOST = host;
        await assert.rejects(
          labs.provision("name: elsewhere\ndefaults: { kind: docker }\nnodes: { x: {} }\n"),
          {
            code,
          },
        );
      }
    } finally {
      process.env.DOCKER_HOST = DOCKER_HOST;
    }
    assert.ok(!labs.has("elsewhere"));
  });

  test("an engine that says nothing is not waited for", { timeout: 30_000 }, async () => {
    const { DOCKER_HOST } = process.env;
    const path = join(folder, "mute.sock");
    const mute = createServer(() => undefined).listen(path);
    try {
      process.env.DOCKER_HOST = `unix://${path}`;
      const text = "name: mute\ndefaults: { kind: docker }\nnodes: { x: {} }\n";
      await assert.rejects(labs.provision(text), /has not answered for 10 s/);
    } finally {
      process.env.DOCKER_HOST = DOCKER_HOST;
      mute.close();
    }
  });

  test("the machine's own /etc/hosts, and a container's files, are each their own", async () => {
    assert.doesNotMatch(readFileSync("/etc/hosts", "utf8"), new RegExp(b.address.v4.replaceAll(".", "\\.")));
    await a.putFile("/var/tmp/of-a", { bytes: Buffer.from("a") });
    await assert.rejects(b.getFile("/var/tmp/of-a"), { code: "node-file" });
  });

  test("no link in a container leads out of it", async () => {
    await exec(a, ["sh", "-c", 'mkdir -p "$0" && ln -s "$0" /outside', folder]);
    await a.putFile("/outside/put", { bytes: Buffer.from("inside") });
    assert.throws(() => readFileSync(join(folder, "put")), { code: "ENOENT" });
    assert.equal((await a.getFile(join(folder, "put"))).toString(), "inside");
  });

  test("a status is a status, also one that Docker shows for a signal", async () => {
    const { status, signal } = await exec(a, ["sh", "-c", "exit 137"]);
    assert.deepEqual([status, signal], [137, null]);
  });

  test("a command whose controller is killed reads the end of its input", async () => {
    const brume = fileURLToPath(new URL("../../brume", import.meta.url));
    const env = { ...process.env, BRUME_STATE: labs.root };
    const controller = spawn(brume, ["exec", "own", "a", "--", "cat"], { env });
    controller.stdin.write("up");
    await once(controller.stdout, "data");
    assert.equal((await a.usage()).processes, 1);
    controller.kill("SIGKILL");
    for (let round = 0; (await a.usage()).processes > 0; round++) {
      assert.ok(round < 200, "cat is still there");
      await sleep(50);
    }
  });

  describe("an image that a person names", () => {
    const busybox = findBusybox();
    let own: Lab;
    before(async () => {
      const image = { architecture: "amd64", createdAt: new Date(0) };
      const files: ImageEntry[] = [
        { path: "/bin/busybox", local: busybox },
        { path: "/etc/passwd", bytes: Buffer.from("root:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n") },
      ];
      await loadImage(engine, { ...image, name: "brume-test/bare:1", entries: files });
      await loadImage(engine, {
        ...image,
        name: "brume-test/app:1",
        entries: [...files, { path: "/bin/sh", linksTo: "busybox" }],
        environment: ["COLOUR=grey", "PATH=/bin"],
      });
      own = await labs.open(
        "name: named\ndefaults: { kind: docker }\n" +
          "nodes: { bare: { image: 'brume-test/bare:1' }, app: { image: 'brume-test/app:1', memory: 64MiB } }\n",
      );
    });

    test("needs nothing in it, not even a shell", async () => {
      const bare = own.node("bare");
      const { stdout, status } = await exec(bare, ["/bin/busybox", "echo", "here"]);
      assert.deepEqual([stdout.toString(), status], ["here\n", 0]);
      await assert.rejects(exec(bare, ["echo", "here"]), { code: "no-shell" });
      await bare.crash();
      await bare.start();
      const ping = ["/bin/busybox", "ping", "-c", "1", "-W", "2", own.node("app").address.v4];
      assert.equal((await exec(bare, ping)).status, 0);
    });

    test("gives its commands the environment that it has", async () => {
      const { stdout } = await exec(own.node("app"), ["sh", "-c", 'echo "$COLOUR $BRUME_NODE"']);
      assert.equal(stdout.toString(), "grey app\n");
    });

    test("is held to the memory that the topology names", async () => {
      const { signal } = await exec(own.node("app"), ["sh", "-c", "x=x; while :; do x=$x$x; done"]);
      assert.equal(signal, "SIGKILL");
      const { memoryBytes } = await own.node("app").usage();
      assert.ok(memoryBytes !== undefined && memoryBytes < 64 * 2 ** 20, `${memoryBytes}`);
    });
  });
}
