/** Conformance: a node stands still, dies without a goodbye, ends in good order, and comes back as it was. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { exec } from "../exec.ts";
import type { NodeProcess } from "../node.ts";
import { type Bench, isHeard, scriptCommand, until } from "./bench.ts";

/** How long silence is listened to, where a goodbye would come at once. */
const listenMs = 500;

function hearing(running: NodeProcess): { said: () => string } {
  let said = "";
  running.stdout.on("data", (part) => {
    said += part;
  });
  return { said: () => said };
}

export function lifeClaims({ a, b }: Bench): void {
  test("a paused node's processes stand still and go on where they were", async () => {
    const running = await a.spawn(["sh", "-c", "while :; do echo tick; sleep 0.02; done"]);
    const { said } = hearing(running);
    await until("it ticks", () => said().length > 15);
    await a.pause();
    assert.equal(await a.state(), "paused");
    await sleep(listenMs); // What it wrote before it froze may still be on its way.
    const frozen = said();
    await sleep(listenMs);
    assert.equal(said(), frozen);
    await a.resume();
    assert.equal(await a.state(), "running");
    await until("it goes on", () => said().length > frozen.length);
    await running.kill("SIGKILL");
    assert.equal((await running.exited).signal, "SIGKILL");
  });

  test("a crashed node is silent, its processes are gone, and it comes back with its address and its files", async () => {
    const running = await b.spawn(["sleep", "1000"]);
    const path = `${await b.folder()}/kept`;
    await b.putFile(path, { bytes: Buffer.from("kept") });
    assert.ok(await isHeard(a, b.address.v4));
    await b.crash();
    assert.equal((await running.exited).signal, "SIGKILL");
    assert.equal(await b.state(), "down");
    assert.ok(!(await isHeard(a, b.address.v4, 1000)));
    await assert.rejects(exec(b, ["true"]), { code: "node-down" });
    await b.start();
    assert.equal(await b.state(), "running");
    assert.ok(await isHeard(a, b.address.v4));
    assert.equal((await b.usage()).processes, 0);
    assert.equal((await b.getFile(path)).toString(), "kept");
  });

  test("a paused node can crash, and comes back running", async () => {
    const running = await b.spawn(["sleep", "1000"]);
    await b.pause();
    await b.crash();
    assert.equal((await running.exited).signal, "SIGKILL");
    await b.start();
    assert.equal((await exec(b, ["true"])).status, 0);
  });

  test("a crashed node's peers hear no goodbye: an open connection stays open", async () => {
    const listen = `require("node:net").createServer(() => {}).listen(7000, () => process.stdout.write("up"))`;
    const server = await b.spawn(await scriptCommand(b, listen));
    const { said: saidByServer } = hearing(server);
    await until("the server is up", () => saidByServer() === "up");
    const call = `require("node:net").connect(7000, "b").on("close", () => process.stdout.write("closed"))
      .on("error", () => {}).on("connect", () => process.stdout.write("open"))`;
    const client = await a.spawn(await scriptCommand(a, call));
    const { said } = hearing(client);
    await until("the connection is open", () => said() !== "");
    await b.crash();
    await sleep(listenMs);
    assert.equal(said(), "open");
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
    const { said } = hearing(running);
    await until("it is up", () => said().includes("up"));
    await b.stop();
    assert.equal((await running.exited).status, 0);
    assert.equal(said(), "up\ngoodbye\n");
    assert.equal(await b.state(), "down");
    await b.start();
    assert.equal(await b.state(), "running");
  });
}
