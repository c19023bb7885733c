/** A machine that lets in by password alone: asked for at a terminal, held by the lab's keeper, asked for by nobody after that. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { lacking } from "#testbed/doctor/commands.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { DockerdForTests } from "#testbed/nodes/docker/dockerd-for-tests.ts";
import { exec } from "#testbed/nodes/exec.ts";
import { piPassword } from "#testbed/nodes/ssh/sshd-files-for-tests.ts";
import { SshdForTests } from "#testbed/nodes/ssh/sshd-for-tests.ts";

const servers = await SshdForTests.start([
  { name: "berry", user: "pi", passwords: true, lines: ["PubkeyAuthentication no"] },
]);
process.env.XDG_CACHE_HOME ||= join(homedir(), ".cache"); // Of this person, whose runtime is packed there already.
process.env.HOME = servers.home.folder;
const labs = new TestLabs();
after(async () => {
  try {
    await labs.destroy("asking");
    await labs.end();
  } finally {
    await servers.end(); // A machine that lives on would keep a failed test from ending.
  }
});

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const file = join(labs.root, "asking.yaml");
writeFileSync(file, "name: asking\nnodes: { far: { kind: ssh, host: berry }, near: {} }\n");
const words = [process.execPath, "--disable-warning=ExperimentalWarning", main, "provision", file];
const env: NodeJS.ProcessEnv = { ...process.env, BRUME_STATE: labs.root };

type Run = { status: number | null; said: string };

async function heard(child: ChildProcess, onSaid: (said: string) => void = () => undefined): Promise<Run> {
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (part: Buffer) => {
      said += part.toString();
      onSaid(said);
    });
  const [status] = (await once(child, "close")) as [number | null];
  return { status, said };
}

/** In a session of its own, which has no terminal. */
async function provisionAlone(): Promise<Run> {
  return await heard(
    spawn(words[0]!, words.slice(1), { env, detached: true, stdio: ["ignore", "pipe", "pipe"] }),
  );
}

async function provisionAtTerminal(...answers: string[]): Promise<Run & { asked: string[] }> {
  const line = words.map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qec", line, "/dev/null"], { env, stdio: "pipe" });
  const asked: string[] = [];
  const run = await heard(child, (said) => {
    const questions = said.match(/[^\r\n]*password of [^\r\n:]*: /g) ?? [];
    while (asked.length < questions.length) {
      asked.push(questions[asked.length]!);
      child.stdin!.write(`${answers.shift()}\r`);
    }
  });
  return { ...run, asked };
}

const question = "password of pi@berry: ";

test("without a terminal the refusal says what to do, and no lab is left", async () => {
  const { status, said } = await provisionAlone();
  assert.equal(status, 1);
  assert.match(
    said,
    /pi@berry does not let us in[^\n]*would take: password\n {2}fix: [^\n]*ssh-copy-id[^\n]*in a terminal/,
  );
  assert.ok(!labs.has("asking"));
});

test("provision asks at the terminal until the password is right, and shows nothing of it", async () => {
  const { status, said, asked } = await provisionAtTerminal("wrong", piPassword);
  assert.deepEqual([status, asked], [0, [question, `that did not fit; ${question}`]], said);
  assert.ok(!said.includes(piPassword) && !said.includes("wrong"), said);
});

test("a command that logs in by itself gets it from the keeper", async () => {
  const lab = labs.adopt("asking");
  assert.equal((await exec(lab.node("far"), ["hostname"])).stdout.toString(), "far\n");
  lab.close();
});

test("the keeper logs in again by itself when its link was lost", async () => {
  const sessions = servers.sessions("berry");
  assert.ok(sessions.length > 0);
  for (const pid of sessions) process.kill(pid, "SIGKILL");
  const lab = labs.adopt("asking");
  await lab.node("far").crash();
  await lab.node("far").start();
  assert.equal((await exec(lab.node("near"), ["ping", "-c", "1", "-W", "2", "far"])).status, 0);
  lab.close();
});

test("another keeper knows nothing and asks anew", async () => {
  await labs.killKeeper("asking");
  assert.match((await provisionAlone()).said, /pi@berry does not let us in/);
  const { status, said, asked } = await provisionAtTerminal(piPassword);
  assert.deepEqual([status, asked], [0, [question]], said);
});

test("destroy has it from the keeper before that ends", async () => {
  await labs.destroy("asking");
  assert.ok(!labs.has("asking"));
  assert.deepEqual(
    servers.processes("berry").filter((line) => /place\.sh|sleep infinity/.test(line)),
    [],
  );
});

test("a container engine behind such a login is reached the same way: asked for once, and held by the keeper", {
  skip: lacking("dockerd", "busybox", "setpriv"),
  timeout: 120_000,
}, async (t) => {
  const docker = await DockerdForTests.start();
  t.after(() => labs.destroy("asking").finally(() => docker.end()));
  // As for one of the group docker.
  chmodSync(dirname(docker.socket), 0o711);
  chmodSync(docker.socket, 0o666);
  env.DOCKER_HOST = `ssh://berry${docker.socket}`;
  writeFileSync(file, "name: asking\nnodes: { box: { kind: docker } }\n");
  assert.match(
    (await provisionAlone()).said,
    /pi@berry does not let us in[^\n]*\n {2}fix: [^\n]*in a terminal/,
  );
  const { status, said, asked } = await provisionAtTerminal(piPassword);
  assert.deepEqual([status, asked], [0, [question]], said);
  const lab = labs.adopt("asking");
  assert.equal((await exec(lab.node("box"), ["hostname"])).stdout.toString(), "box\n");
  lab.close();
  await labs.destroy("asking");
  assert.deepEqual(await docker.containers(), []);
});
