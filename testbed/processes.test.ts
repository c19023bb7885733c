import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  bootId,
  isAlive,
  keeperProcesses,
  killAll,
  labProcesses,
  processIds,
  signal,
  startTicks,
} from "./processes.ts";

const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill("SIGKILL");
});

type Started = { child: ChildProcess; pid: number };

/** A shell that has done its script and waits; what it said is read up to its last word. */
async function started(
  script: string,
  env: NodeJS.ProcessEnv = {},
  words: readonly string[] = [],
): Promise<Started> {
  const child = spawn("sh", ["-c", `${script}\necho up; read _`, "test", ...words], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["pipe", "pipe", "inherit"], // An open input, so that `read` waits.
  });
  children.push(child);
  let said = "";
  while (!said.includes("up\n")) said += String((await once(child.stdout, "data"))[0]);
  return { child, pid: child.pid! };
}

const noAddress = "f".repeat(16);

test("a process that carries the lab's mark in its environment is found with its node, and no other lab's is", async () => {
  const mine = await started(":", { BRUME_TEST_MARK: "one/7" });
  await started(":", { BRUME_TEST_MARK: "two/7" });
  await started(":", { OTHER: "BRUME_TEST_MARK=one/7" });
  const found = labProcesses({ addressPrefix: noAddress, environment: "BRUME_TEST_MARK=one" });
  assert.deepEqual(found, [{ pid: mine.pid, node: 7 }]);
});

test("a mark whose node is no number names nobody", async () => {
  await started(":", { BRUME_TEST_MARK: "three/x" });
  assert.deepEqual(labProcesses({ addressPrefix: noAddress, environment: "BRUME_TEST_MARK=three" }), []);
});

test("a process is alive by its start time and not by its number alone", async () => {
  const { child, pid } = await started(":");
  const mark = { pid, startTicks: startTicks(pid)! };
  assert.ok(isAlive(mark));
  assert.equal(isAlive({ ...mark, startTicks: mark.startTicks - 1 }), false);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(isAlive(mark), false);
});

test("a name with spaces and brackets in it does not hide when a process started", async () => {
  const { pid } = await started("printf ') Z (' > /proc/$$/comm");
  assert.ok(readFileSync(`/proc/${pid}/stat`, "utf8").includes("() Z ()"));
  assert.ok(Number.isInteger(startTicks(pid)));
});

test("a process that has ended and was not waited for is not alive", async () => {
  // The shell turns into something that never waits for the child it has.
  const parent = spawn("sh", ["-c", "sleep 0.01 & echo $!; exec sleep 1000"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(parent);
  const pid = Number(String((await once(parent.stdout, "data"))[0]));
  for (let attempt = 0; attempt < 200 && startTicks(pid) !== undefined; attempt++) await sleep(5);
  assert.ok(processIds().includes(pid), "it is still listed");
  assert.equal(startTicks(pid), undefined);
});

test("killAll ends what forks while it is being killed", async () => {
  const forking = "while :; do sleep 1000 & sleep 0.002; done &";
  await started(forking, { BRUME_TEST_FORKS: "four/0" });
  const find = () =>
    labProcesses({ addressPrefix: noAddress, environment: "BRUME_TEST_FORKS=four" }).map(({ pid }) => pid);
  assert.ok(find().length > 0);
  assert.equal(await killAll(find, sleep), true);
  assert.deepEqual(find(), []);
});

test("killAll gives up on what cannot be ended, and says so", async () => {
  let waitedMs = 0;
  const immortal = () => [2 ** 22 + 1]; // Above every process number that Linux gives.
  assert.equal(await killAll(immortal, async (ms) => void (waitedMs += ms)), false);
  assert.ok(waitedMs > 1000 && waitedMs < 10_000, `${waitedMs} ms`);
});

test("a signal to a process that is gone is no failure", () => {
  assert.doesNotThrow(() => signal(2 ** 22 + 1, "SIGTERM"));
});

test("a keeper is found by its folder's path as a whole word", async () => {
  const keeper = await started(":", {}, ["/somewhere/keeper/main.ts", "/labs/one"]);
  assert.deepEqual(keeperProcesses("/labs/one"), [keeper.pid]);
  assert.deepEqual(keeperProcesses("/labs/on"), []);
});

test("the boot's name is the same whenever it is asked for", () => {
  assert.match(bootId(), /^[0-9a-f-]{36}$/);
  assert.equal(bootId(), bootId());
});
