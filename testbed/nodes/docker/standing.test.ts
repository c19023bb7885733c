import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseTopology } from "#testbed/topology/load.ts";
import type { EngineAddress } from "./address.ts";
import { isThisMachine, standing, standingAt } from "./standing.ts";

const address = {
  by: "ssh",
  login: { host: "far", user: "pi", port: 2222 },
  path: "/var/run/docker.sock",
} satisfies EngineAddress;

const parsed = (nodes: string, more = "") =>
  parseTopology(`name: t\nnodes: { ${nodes} }\n${more}`, "test.yaml", () => "");

const saying = (boot: string) => ({ exec: async () => ({ stdout: Buffer.from(boot) }) }) as never;

test("a machine is told by what its kernel drew when it started", async () => {
  assert.equal(await isThisMachine(saying(readFileSync("/proc/sys/kernel/random/boot_id", "utf8"))), true);
  assert.equal(await isThisMachine(saying("b0f6d5a8-5a55-4a3c-9d1c-0f0d6a2f7a11\n")), false);
  assert.equal(await isThisMachine(saying("")), true);
});

test("containers without a host of their own stand where the engine is, as if the file said so", () => {
  const nodes = "near: {}, box: { kind: docker, image: img }, crate: { kind: docker, host: other }";
  const said = parsed(nodes.replace("image: img", "image: img, host: far, user: pi, port: 2222"));
  const stands = standingAt(parsed(nodes), address);
  assert.deepEqual(stands, said);
  assert.equal(stands.mtuBytes, 1450);
  assert.deepEqual(standingAt(stands, address), stands, "and once more changes nothing");
});

test("an MTU that the file asks for stays", () => {
  assert.equal(standingAt(parsed("box: { kind: docker }", "mtu: 1300B\n"), address).mtuBytes, 1300);
});

test("what a file with such a host is refused for is refused", () => {
  const own = (rule: string) =>
    standingAt(
      parsed("a: {}, box: { kind: docker }", `network: { pairs: [{ ${rule}, mtu: 1300B }] }\n`),
      address,
    );
  assert.throws(() => own("from: box, to: a"), {
    code: "docker-elsewhere",
    message: /fix: set mtu at the top/,
  });
  own("from: a, to: box");
});

test("an engine at another socket of that machine is refused", () => {
  const elsewhere = { ...address, path: "/run/own.sock" };
  assert.throws(() => standingAt(parsed("box: { kind: docker }"), elsewhere), {
    code: "docker-elsewhere",
    message: /fix: leave \/run\/own\.sock out of DOCKER_HOST/,
  });
});

test("nobody is asked for nodes that are no such containers, nor where no ssh leads to the engine", async () => {
  const before = process.env.DOCKER_HOST;
  try {
    process.env.DOCKER_HOST = "ssh://nobody.invalid";
    const none = parsed("near: {}, crate: { kind: docker, host: other }");
    assert.equal(await standing(none), none);
    process.env.DOCKER_HOST = "unix:///nowhere.sock";
    const box = parsed("box: { kind: docker }");
    assert.equal(await standing(box), box);
  } finally {
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
  }
});
