import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { capture } from "./capture.ts";
import { TestLabs } from "./lab-for-tests.ts";
import { exec } from "./nodes/exec.ts";
import type { Lab } from "./open-lab.ts";

const labs = new TestLabs();
after(() => labs.end());

/** Round-trip times in ms, one per answered ping. */
async function pings(
  lab: Lab,
  from: string,
  to: string,
  count: number,
  intervalMs: number,
): Promise<number[]> {
  const words = ["ping", "-n", "-c", String(count), "-i", String(intervalMs / 1000), "-W", "2", to];
  const { stdout } = await exec(lab.node(from), words);
  return [...stdout.toString().matchAll(/time=([\d.]+) ms/g)].map((match) => Number(match[1]));
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const did = (steps: readonly { do: string }[]) => steps.map((step) => step.do);

test("provision applies only the difference, and what stays is not disturbed", async () => {
  const lab = await labs.open(
    "name: grows\nnodes: { a: {}, b: {} }\nnetwork: { pairs: [{ to: b, delay: 5ms }] }\n",
  );
  const running = await lab.node("a").spawn(["sleep", "1000"]);
  const address = lab.node("a").address.v4;

  const same = await labs.provision(
    "name: grows\nnodes: { a: {}, b: {} }\nnetwork: { pairs: [{ to: b, delay: 5ms }] }\n",
  );
  assert.deepEqual(same.steps, []);

  const slower = await labs.provision(
    "name: grows\nnodes: { a: {}, b: {} }\nnetwork: { pairs: [{ to: b, delay: 30ms }] }\n",
  );
  assert.deepEqual(did(slower.steps), ["adopt-topology", "set-network"]);
  assert.ok(median(await pings(lab, "a", "b", 5, 20)) >= 30);

  const larger = await labs.provision(
    "name: grows\nnodes: { a: {}, b: {}, c: {} }\nnetwork: { pairs: [{ to: b, delay: 30ms }] }\n",
  );
  assert.deepEqual(did(larger.steps), ["adopt-topology", "create-node", "write-hosts", "set-network"]);
  assert.ok(median(await pings(lab, "a", "c", 5, 20)) < 30);

  const smaller = await labs.provision(
    "name: grows\nnodes: { a: {}, c: {} }\nnetwork: { pairs: [{ to: c, delay: 30ms }] }\n",
  );
  assert.deepEqual(did(smaller.steps), ["adopt-topology", "remove-node", "write-hosts", "set-network"]);
  assert.ok(median(await pings(lab, "a", "c", 5, 20)) >= 30);

  const last = await labs.provision("name: grows\nnodes: { a: {} }\n");
  assert.deepEqual(did(last.steps), ["adopt-topology", "remove-node", "write-hosts", "set-network"]);
  await labs.provision(
    "name: grows\nnodes: { a: {}, d: {} }\nnetwork: { pairs: [{ to: d, delay: 20ms }] }\n",
  );
  assert.ok(median(await pings(lab, "a", "d", 5, 20)) >= 20);

  assert.equal(lab.node("a").address.v4, address);
  await running.kill("SIGKILL");
  assert.equal(
    (await running.exited).signal,
    "SIGKILL",
    "the process of a node that stayed ran on through it all",
  );
});

test("conditions changed while packets fly lose none of them", async () => {
  const lab = await labs.open(
    "name: moves\nnodes: { a: {}, b: {} }\nnetwork: { pairs: [{ delay: 20ms }] }\n",
  );
  const answered = pings(lab, "a", "b", 300, 5);
  for (let change = 0; change < 20; change++) {
    await lab.keeper.ask("POST /impose", {
      name: "moving",
      rules: [{ from: ["a"], to: ["b"], change: { delayMs: 5 + ((change * 7) % 40) } }],
    });
    await sleep(60);
  }
  assert.equal((await answered).length, 300);
});

test("two labs of the same shape have other addresses, and neither's end touches the other", async () => {
  const one = await labs.open("name: twin-1\nnodes: { a: {}, b: {} }\n");
  const two = await labs.open("name: twin-2\nnodes: { a: {}, b: {} }\n");
  assert.notEqual(one.node("a").address.v4, two.node("a").address.v4);
  assert.notEqual(
    (await exec(one.node("a"), ["ping", "-c", "1", "-W", "1", two.node("a").address.v4])).status,
    0,
  );
  await labs.destroy("twin-1");
  assert.equal((await pings(two, "a", "b", 3, 10)).length, 3);
});

test("impairments of one pair stack, and the end of each brings back what is below it", async () => {
  const lab = await labs.open("name: stack\nnodes: { a: {}, b: {} }\n");
  const rule = (change: object) => [{ from: ["a"], to: ["b"], change }];
  const measured = async () => median(await pings(lab, "a", "b", 5, 10));
  await lab.keeper.ask("POST /impose", { name: "low", rules: rule({ delayMs: 20 }) });
  await lab.keeper.ask("POST /impose", { name: "high", rules: rule({ delayMs: 60 }) });
  assert.ok((await measured()) >= 60);
  await lab.keeper.ask("POST /lift", { name: "high" });
  const between = await measured();
  assert.ok(between >= 20 && between < 60, `${between} ms`);
  await lab.keeper.ask("POST /lift", { name: "low" });
  assert.ok((await measured()) < 20);
});

test("a timeline's events happen, are undone, and are recorded with their lateness", async () => {
  const lab = await labs.open(`
name: timeline
nodes: { a: {}, b: {}, c: {} }
events:
  - { at: 200ms, pairs: { to: b }, delay: 40ms, for: 600ms }
  - { at: 300ms, node: c, do: partition, for: 500ms }
`);
  const done = async () => (await lab.keeper.ask("GET /status")).timeline.done;
  while ((await done()) < 2) await sleep(10);
  assert.ok(median(await pings(lab, "a", "b", 3, 10)) >= 40);
  while ((await done()) < 4) await sleep(10);
  assert.ok(median(await pings(lab, "a", "b", 3, 10)) < 40);
  assert.equal((await pings(lab, "a", "c", 1, 10)).length, 1);
  const lines = readFileSync(lab.folder.file("events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ what }) => what),
    [
      "the timeline starts",
      "event 1 begins",
      "event 2: partition of c begins",
      "event 1 ends",
      "event 2: partition of c ends",
    ],
  );
  for (const { lateMs, failed } of lines) assert.ok(lateMs >= 0 && failed === undefined);
});

test("a pair's MTU is felt by path discovery and by fragmentation", async () => {
  const lab = await labs.open(
    "name: mtu\nnodes: { a: {}, b: {} }\nnetwork: { pairs: [{ to: b, mtu: 1300 }] }\n",
  );
  const ping = (...words: string[]) =>
    exec(lab.node("a"), ["ping", "-4", "-c", "1", "-W", "1", ...words, "b"]);
  assert.notEqual((await ping("-M", "do", "-s", "1273")).status, 0);
  assert.equal((await ping("-M", "do", "-s", "1272")).status, 0);
  assert.equal((await ping("-M", "dont", "-s", "1400")).status, 0);
});

test("the machine's path to a node is outside the conditions and carries nothing between nodes", async () => {
  const lab = await labs.open(
    "name: outside\nnodes: { a: {}, b: {} }\nnetwork: { pairs: [{ delay: 50ms, loss: 50% }] }\n",
  );
  const command = await lab
    .host()
    .command(["ping", "-n", "-c", "20", "-i", "0.01", lab.node("b").address.v4]);
  const { stdout } = await capture(command, process.env);
  const times = [...stdout.matchAll(/time=([\d.]+) ms/g)].map((match) => Number(match[1]));
  assert.equal(times.length, 20);
  assert.ok(median(times) < 50);
  // A node that asks the machine to pass a packet on to another node gets nothing through.
  const host = lab.node("a").address.v4.replace(/\.\d+$/, ".1");
  const route = `ip route replace ${lab.node("b").address.v4}/32 via ${host} dev eth0 && ping -c 3 -i 0.2 -W 1 ${lab.node("b").address.v4}`;
  const { stdout: through } = await exec(lab.node("a"), ["sh", "-c", route]);
  for (const time of [...through.toString().matchAll(/time=([\d.]+) ms/g)].map((match) => Number(match[1]))) {
    assert.ok(time >= 100, `${time} ms: shorter than the emulated way there and back`);
  }
});

test("a lab that was destroyed without its topology file is gone from the list", async () => {
  const lab = await labs.open("name: short\nnodes: { a: {} }\n");
  await labs.destroy("short");
  assert.equal(lab.folder.exists(), false);
});
