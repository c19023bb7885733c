import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { parseTopology } from "#testbed/topology/load.ts";
import { UserError } from "#testbed/user-error.ts";
import { type Answer, checkNodes } from "./check-nodes.ts";

const rack = (count: number) =>
  parseTopology(
    `name: t\ndefaults: { kind: ssh, user: pi }\nnodes: { coord: { kind: netns }, "pi[1-${count}]": { host: "192.0.2.[1-${count}]" } }\n`,
    "test.yaml",
    () => "",
  );

const answer = (boot: string): Answer => ({
  text: [
    ["kernel", "6.6"],
    ["architecture", "aarch64"],
    ["library", "glibc 2.36"],
    ["cores", "4"],
    ["memoryKiB", "4000000"],
    ["user", "pi"],
    ["root", "is"],
    ["vxlan", ""],
    ["boot", boot],
    ["end", "yes"],
  ]
    .map((pair) => pair.join("\t"))
    .join("\n"),
});

test("every ssh node's machine is asked once, and no other node's", async () => {
  const asked: unknown[] = [];
  const health = await checkNodes(rack(3), async ({ host }) => {
    asked.push(host);
    return answer(String(host));
  });
  assert.deepEqual(asked.sort(), ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
  assert.deepEqual(
    health.map(({ node, host, able }) => [node, host, able]),
    [1, 2, 3].map((number) => [`pi${number}`, `pi@192.0.2.${number}`, true]),
  );
});

test("machines of containers elsewhere are asked as such, and containers of this one are not", async () => {
  const mixed = parseTopology(
    "name: t\nnodes: { box: { kind: docker, host: 192.0.2.1 }, near: { kind: docker }, pi: { kind: ssh, host: 192.0.2.2 } }\n",
    "test.yaml",
    () => "",
  );
  const asked: unknown[] = [];
  await checkNodes(mixed, async ({ host }, kind) => {
    asked.push([host, kind]);
    return answer(String(host));
  });
  assert.deepEqual(asked.sort(), [
    ["192.0.2.1", "docker"],
    ["192.0.2.2", "ssh"],
  ]);
});

test("no more than eight machines are visited at once", async () => {
  let now = 0;
  let most = 0;
  await checkNodes(rack(20), async ({ host }) => {
    most = Math.max(most, ++now);
    await turn();
    now--;
    return answer(String(host));
  });
  assert.equal(most, 8);
});

test("a machine that does not let us in is told by its error and remedy, and the others are examined", async () => {
  const [first, second] = await checkNodes(rack(2), async ({ host }) => {
    if (host === "192.0.2.1") throw new UserError("ssh-auth", "192.0.2.1 refuses the key", "ssh-copy-id it");
    return answer("x");
  });
  assert.deepEqual(first?.findings, [
    {
      what: "login",
      state: "missing",
      detail: "192.0.2.1 refuses the key",
      remedy: "ssh-copy-id it",
      essential: true,
    },
  ]);
  assert.deepEqual([first?.able, second?.able], [false, true]);
});

test("a machine that answers nonsense is not taken for one in good order", async () => {
  const [health] = await checkNodes(rack(1), async () => ({ text: "menu: 1) shell 2) reboot" }));
  assert.equal(health?.able, false);
  assert.equal(health?.findings[0]?.what, "answer");
});

test("a fault of ours is not blamed on the machine", async () => {
  await assert.rejects(
    checkNodes(rack(1), async () => {
      throw new TypeError("ours");
    }),
    TypeError,
  );
});

test("nodes that turn out to be one machine are told of each other", async () => {
  const health = await checkNodes(rack(3), async ({ host }) =>
    answer(host === "192.0.2.3" ? "own" : "shared"),
  );
  const told = health.map(({ findings }) =>
    findings.filter(({ state }) => state === "limited").map(({ detail }) => detail),
  );
  assert.deepEqual(told, [["the same as that of pi2"], ["the same as that of pi1"], []]);
});
