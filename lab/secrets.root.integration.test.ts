/**
 * A job on containers and on another machine, and none of its secrets where others could read them: records and logs,
 * arguments and environments, images, the other machine's files.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { homedir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { findMinio } from "#engine/checkpoint/stores/minio-build.ts";
import { lacking } from "#testbed/doctor/commands.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { DockerdForTests } from "#testbed/nodes/docker/dockerd-for-tests.ts";
import { piPassword } from "#testbed/nodes/ssh/sshd-files-for-tests.ts";
import { SshdForTests } from "#testbed/nodes/ssh/sshd-for-tests.ts";
import { startEngineOnLab } from "./engine-on-lab.ts";
import {
  needlesOf,
  type Secret,
  secretsInFiles,
  secretsInProcesses,
  secretsInStream,
  secretsOfKeyFile,
} from "./find-secrets-for-tests.ts";
import { openCheckpointStore } from "./run/checkpoint-store.ts";

const skip = lacking("dockerd", "busybox", "sshd", "ip", "setpriv");
const patienceMs = 60_000;
/** The other machine may have to be brought Node.js and the program. */
const startPatienceMs = 240_000;
const labs = new TestLabs();
const endings: (() => Promise<void>)[] = [() => labs.end()];
after(async () => {
  for (const end of endings.reverse()) await end();
});

const topology = (nodes: string) => `
name: secrets
mtu: 1450B
nodes: { coord: { role: coordinator }, ${nodes} }
network: { pairs: [ { delay: 2ms } ] }
`;

type Found = { secrets: Secret[]; servers: SshdForTests; dockerd: DockerdForTests; said: string };
let found: Found;

before(
  async () => {
    if (skip === false) found = await runJob();
  },
  { timeout: startPatienceMs },
);

/** It runs on when this is done. */
async function runJob(): Promise<Found> {
  const dockerd = await DockerdForTests.start();
  endings.unshift(() => dockerd.end());
  // It wants both, so that either would be found.
  const lines = ["AuthenticationMethods publickey,password"];
  const servers = await SshdForTests.start([{ name: "far", user: "pi", passwords: true, lines }]);
  endings.unshift(() => servers.end());
  // Whoever logs in finds machines and keys by this; what was fetched once stays where it is.
  process.env.XDG_CACHE_HOME ||= join(homedir(), ".cache");
  process.env.HOME = servers.home.folder;
  const begun = await labs.open(topology("gen: { role: generator }"));
  // As a command hands over what was typed at its terminal.
  const of = `password of pi@${servers.address("far")}:22`;
  await begun.keeper.ask("POST /secrets", [{ of, secret: piPassword }]);
  await labs.provision(
    topology("gen: { role: generator }, box: { kind: docker }, pi: { kind: ssh, host: far }"),
  );
  const lab = labs.adopt("secrets");
  const said: string[] = [];
  const store = await openCheckpointStore(lab, {
    plan: {
      ...{ experiment: "secrets", run: "1" },
      engine: {
        checkpoints: { everyMs: 300, store: findMinio() ? "minio" : "folder", mode: "aligned" as const },
      },
    },
    environment: process.env,
    startedAt: new Date(0),
    log: (line) => said.push(line),
  });
  endings.push(() => store.end());
  let completed = 0;
  const engine = await startEngineOnLab(lab, {
    ...{
      name: "job",
      store: store.spec,
      environment: store.environment,
      start: { from: "empty" },
      apiPort: 0,
    },
    job: { use: "map", settings: { rate: "1k/s" }, parallelism: 2, maxParallelism: 128, parallelismOf: {} },
    checkpoints: { intervalMs: 300 },
    onEvent: (event) => {
      said.push(JSON.stringify(event));
      if (event.event === "checkpoint-completed") completed++;
    },
    onLine: (line) => said.push(line),
  });
  endings.push(() => engine.end());
  for (const endMs = performance.now() + patienceMs; completed < 2; await sleep(50))
    assert.ok(performance.now() < endMs, said.join("\n"));
  const keys = Object.entries(store.environment)
    .filter(([name, { length }]) => /SECRET|KEY|TOKEN/.test(name) && length >= 16)
    .map(([name, text]) => ({ what: name, text }));
  assert.ok(keys.length > 0, "the store has a key");
  return {
    ...{ servers, dockerd, said: said.join("\n") },
    secrets: [
      { what: "the job's token", text: engine.token },
      { what: "the password", text: piPassword },
      ...secretsOfKeyFile("the private key", servers.keyFile),
      ...keys,
    ],
  };
}

test("the lists of processes hold a secret that is planted there", { skip }, async () => {
  const [token] = found.secrets;
  const child = spawn("sleep", ["1000"], { argv0: `sleep-${token!.text}` });
  await once(child, "spawn");
  try {
    assert.deepEqual(
      secretsInProcesses(needlesOf([token!])).filter((line) => line.startsWith("cmdline")),
      [`cmdline of sleep-${token!.text}: the job's token`],
    );
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});

test("no secret is among the arguments of any process, nor in an environment but of those who use it", {
  skip,
}, () => {
  // Of a running process, an environment can be read by root and by the user that it runs as, and by nobody else.
  const theirs =
    /^environ of (?:\S*\/(?:engine|lab)\/\S+-main\.ts|\S*\/minio): (?!the private key|the password)/;
  const all = secretsInProcesses(needlesOf(found.secrets));
  assert.deepEqual(
    all.filter((line) => !theirs.test(line)),
    [],
  );
});

test("no secret is in the lab's record, its logs, or what the job said", { skip }, async () => {
  const needles = needlesOf(found.secrets);
  assert.deepEqual(await secretsInFiles(needles, labs.root), []);
  assert.deepEqual(
    await secretsInStream(needles, "what was said", Readable.from([Buffer.from(found.said)])),
    [],
  );
});

test("no secret is in a file of the other machine", { skip }, async () => {
  const { servers, secrets } = found;
  const ours = new Set([servers.keyFile]);
  assert.deepEqual(await secretsInFiles(needlesOf(secrets), servers.folder, ours), []);
});

test("no secret is in a container's settings, its files, or its image", { skip }, async () => {
  const { dockerd, secrets } = found;
  const needles = needlesOf(secrets);
  const containers = await dockerd.engine.listContainers();
  assert.equal(containers.length, 1);
  for (const { Id, Image } of containers) {
    const container = dockerd.engine.getContainer(Id);
    const settings = Readable.from([Buffer.from(JSON.stringify(await container.inspect()))]);
    const streams: [string, NodeJS.ReadableStream][] = [
      ["settings", settings],
      ["files", await container.export()],
      ["image", await dockerd.engine.getImage(Image).get()],
    ];
    for (const [place, stream] of streams)
      assert.deepEqual(await secretsInStream(needles, place, stream as Readable), []);
  }
});
