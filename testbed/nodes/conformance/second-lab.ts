/**
 * Conformance: a second lab beside the first, with the same names and on the same machines: apart from it, held to its
 * limits, provisioned again after its keeper was killed, and gone without a trace when it is destroyed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { leftovers, machineState } from "#testbed/machine-state.ts";
import type { Lab } from "#testbed/open-lab.ts";
import { exec } from "../exec.ts";
import type { Node } from "../node.ts";
import {
  type Bench,
  isHeard,
  knockAt,
  type Subject,
  script,
  scriptCommand,
  topologyText,
  until,
} from "./bench.ts";

const name = "second";

/** Not one of those that only root may listen at. */
const servedPort = 7001;

/** How many cores two threads get that take all they can, by the processor time that they used up. */
const burn = `
const { Worker } = require("node:worker_threads");
for (let other = 0; other < 1; other++) new Worker("for (;;);", { eval: true });
const [start, cpu] = [performance.now(), process.cpuUsage()];
while (performance.now() - start < 1500);
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(String((user + system) / 1000 / (performance.now() - start)));
process.exit();`;

/** Touches a tenth more than it may have. */
const eat = `
const chunks = [];
for (let left = Number(process.argv[1]); left > 0; left -= 8 << 20) chunks.push(Buffer.alloc(8 << 20, 1));
process.stdout.write("kept " + chunks.length);`;

/** As Node.js itself reckons. */
const memoryTold = `
const told = process.constrainedMemory();
process.stdout.write(String(Math.min(told > 0 ? told : Infinity, require("node:os").totalmem())));`;

/** Beside what others on the machine do, a quota is met within this share. */
const quotaTolerance = 0.1;

export function secondLabClaims(bench: Bench): void {
  const { subject, labs, a: firstA } = bench;
  const { limits } = subject;
  let untouched: string[] = [];
  let lab: Lab;
  let a: Node;
  let b: Node;
  const openNodes = () => {
    lab = labs.adopt(name);
    [a, b] = [lab.node("a"), lab.node("b")];
  };
  const limited: Subject = {
    ...subject,
    settings: (node) => ({
      ...subject.settings(node),
      ...(node === "a" && !("not" in limits) && limits.settings),
    }),
  };
  const provisionSecond = () => labs.provision(topologyText(limited, name));

  test("a second lab has nodes of its own, though names and machines are the same", async () => {
    await firstA.putFile(`${await firstA.folder()}/own`, { bytes: Buffer.from("first") });
    untouched = await traces(subject);
    await provisionSecond();
    openNodes();
    assert.notEqual(a.address.v4, firstA.address.v4);
    await a.putFile(`${await a.folder()}/own`, { bytes: Buffer.from("second") });
    assert.equal((await firstA.getFile(`${await firstA.folder()}/own`)).toString(), "first");
    const before = (await a.usage()).processes;
    const running = await firstA.spawn(["sleep", "1000"]);
    await until("the first lab's node counts it", async () => (await firstA.usage()).processes > 0);
    assert.equal((await a.usage()).processes, before);
    await firstA.pause();
    assert.equal(await a.state(), "running");
    assert.equal((await exec(a, ["true"])).status, 0);
    await firstA.resume();
    await running.kill("SIGKILL");
    await running.exited;
  });

  test("nodes of two labs cannot reach each other", async () => {
    assert.ok(await isHeard(a, b.address.v4));
    assert.ok(!(await isHeard(a, firstA.address.v4, 1000)));
  });

  if (!("not" in limits)) {
    test("a node's busy threads get the share of processors that its device has, and no more", async () => {
      const quota = await limits.quotaCores(lab);
      const cores = Number(await script(a, burn));
      assert.ok(cores <= quota * (1 + quotaTolerance), `${cores} cores, allowed are ${quota}`);
      assert.ok(cores > 0.1 * quota, `${cores} cores, ${quota} could be had`);
    });

    test("a node's process that takes more memory than the node has is killed, and the node lives on", async () => {
      const { status, signal, stdout } = await exec(a, [
        (await a.runtime()).node,
        "-e",
        eat,
        "--",
        String(Math.ceil(limits.memoryBytes * 1.1)),
      ]);
      assert.ok(signal === "SIGKILL" || status !== 0, `it kept all of it: ${stdout}`);
      assert.equal((await exec(a, ["true"])).status, 0);
    });

    test("a program on a limited node is told how much memory it may have, so that its garbage is collected in time", async () => {
      const told = Number(await script(a, memoryTold));
      assert.ok(told <= limits.memoryBytes * 1.01, `${told} bytes, the node has ${limits.memoryBytes}`);
    });

    test("usage tells the processor time and the memory of a limited node", async () => {
      const { cpuSeconds, memoryBytes } = await a.usage();
      assert.ok(cpuSeconds !== undefined && cpuSeconds > 0, `${cpuSeconds} s`);
      assert.ok(memoryBytes !== undefined && memoryBytes <= limits.memoryBytes, `${memoryBytes} bytes`);
    });
  }

  test("a lab whose keeper was killed is provisioned again with the same addresses, and nothing of it runs on cut off", async () => {
    const before = { a: a.address, b: b.address };
    const listen = `require("node:net").createServer(() => {}).listen(${servedPort}, () => process.stdout.write("up"))`;
    const server = await a.spawn(await scriptCommand(a, listen));
    server.exited.catch(() => undefined);
    await new Promise((resolve) => server.stdout.once("data", resolve));
    await killKeeper(lab);
    await assert.rejects(a.state(), { code: "keeper-gone" });
    await provisionSecond();
    openNodes();
    assert.deepEqual({ a: a.address, b: b.address }, before);
    assert.ok(await isHeard(a, b.address.v4));
    assert.ok(await isHeard(b, a.address.v4));
    // A kind whose nodes live elsewhere may have kept the server running, but then it has to be reached.
    const isServed = (await knockAt(b, a.address.v4, servedPort)) === "open";
    assert.ok(isServed || (await a.usage()).processes === 0, "what ran before runs where nobody reaches it");
  });

  test("a node that the file no longer names goes, and comes back when it does", async () => {
    const alone = { ...JSON.parse(topologyText(limited, name)) };
    delete alone.nodes.b;
    await labs.provision(JSON.stringify(alone));
    assert.throws(() => lab.node("b"), { code: "no-such-node" });
    await provisionSecond();
    openNodes();
    assert.ok(await isHeard(a, b.address.v4));
  });

  for (const killed of [false, true]) {
    const how = killed ? "whose keeper was killed" : "that runs";
    test(`destroying a lab ${how} leaves nothing of it, and the lab beside it as it was`, async () => {
      if (killed) {
        await provisionSecond();
        openNodes();
      }
      const running = await b.spawn(["sleep", "1000"]);
      const over = running.exited.catch(() => undefined);
      if (killed) await killKeeper(lab);
      await labs.destroy(name);
      await over;
      await until("everything is gone", async () => (await newTraces(subject, untouched)).length === 0).catch(
        async () => assert.deepEqual(await newTraces(subject, untouched), []),
      );
      assert.equal((await exec(firstA, ["true"])).status, 0);
    });
  }
}

/** What is on this machine and wherever else the kind's nodes live. */
async function traces(subject: Subject): Promise<string[]> {
  const empty = { interfaces: [], namespaces: [], mounts: [], groups: [], keepers: [] };
  return [...leftovers(empty, machineState()), ...(await subject.remains())];
}

async function newTraces(subject: Subject, before: readonly string[]): Promise<string[]> {
  const known = new Set(before);
  return (await traces(subject)).filter((trace) => !known.has(trace));
}

async function killKeeper(lab: Lab): Promise<void> {
  const { pid } = await lab.keeper.ask("GET /status");
  process.kill(pid, "SIGKILL");
  await until("the keeper is dead", async () =>
    lab.keeper.ask("GET /status").then(
      () => false,
      () => true,
    ),
  );
  await sleep(50); // Its sockets are closed before the kernel has taken its namespaces away.
}
