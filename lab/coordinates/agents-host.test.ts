import assert from "node:assert/strict";
import { test } from "node:test";
import type { Arrived, Place } from "./agent-sockets.ts";
import { AgentsHost, type HostEdges } from "./agents-host.ts";
import type { Endpoint, Line, Report } from "./agents-protocol.ts";
import { algorithmNamed } from "./algorithm-named.ts";

/** Sockets that carry everything within a millisecond, and a clock that goes as long as somebody sleeps. */
class World {
  nowMs = 0;
  readonly lines: Line[] = [];
  readonly identities = new Map<string, string>();
  refused: string | undefined;
  readonly #bound = new Map<number, string>();
  #underWay: { token: number; bytes: Uint8Array; from: string; atMs: number }[] = [];
  #token = 0;
  readonly host: AgentsHost;

  constructor() {
    const sockets = {
      nowMs: () => this.nowMs,
      open: ({ address }: Place) => {
        if (address === this.refused) throw new Error("bind: EADDRINUSE");
        this.#bound.set(++this.#token, address);
        return this.#token;
      },
      close: (token: number) => void this.#bound.delete(token),
      send: (token: number, to: string, leave: (atMs: number) => Uint8Array) => {
        const bytes = leave(this.nowMs);
        const from = this.#bound.get(token);
        const receiver = [...this.#bound].find(([, address]) => address === to)?.[0];
        if (from === undefined || receiver === undefined) return;
        this.#underWay.push({ token: receiver, bytes, from, atMs: this.nowMs + 1 });
      },
      receive: (waitMs: number, arrived: Arrived) => {
        const come = this.#underWay;
        this.#underWay = [];
        this.nowMs += come.length > 0 ? 1 : Math.max(0.01, waitMs);
        for (const { token, bytes, from, atMs } of come) arrived(token, bytes, from, atMs);
        return false;
      },
    };
    const edges: HostEdges = {
      sockets,
      identityOf: (path) => this.identities.get(path),
      epochSeconds: () => 1000,
      cost: () => ({ cpuMs: 0, residentBytes: 0 }),
      say: (line) => this.lines.push(line),
    };
    const algorithm = algorithmNamed("brume");
    this.host = new AgentsHost({ algorithm, seed: 1, secret: Buffer.from("ours"), everyMs: 1000 }, edges);
  }

  run(forMs: number): Report[] {
    const [endMs, before] = [this.nowMs + forMs, this.lines.length];
    while (this.nowMs < endMs) this.host.turn();
    return this.lines.slice(before).filter((line) => line.is === "report");
  }

  name(here: readonly Endpoint[]): void {
    this.host.nodes(
      here,
      here.map(({ name, address }) => ({ name, address })),
    );
  }
}

const endpoint = (name: string, number: number): Endpoint => ({
  ...{ name, address: `10.0.0.${number}:4747`, namespacePath: `/ns/${name}`, paused: false },
});
const three = [endpoint("a", 1), endpoint("b", 2), endpoint("c", 3)];

function started(): World {
  const world = new World();
  for (const { name, namespacePath } of three) world.identities.set(namespacePath!, name);
  world.name(three);
  return world;
}

test("agents of one process measure each other, and each report tells what is new", () => {
  const reports = started().run(5_000);
  assert.ok(reports.length >= 4 && reports.length <= 5);
  const pairs = reports.flatMap(({ nodes }) =>
    Object.entries(nodes).flatMap(([name, { measured }]) => measured.map((each) => ({ name, ...each }))),
  );
  assert.equal(new Set(pairs.map(({ name, peer }) => `${name} ${peer}`)).size, 6);
  for (const { rttMs } of pairs) assert.ok(Math.abs(rttMs - 2) < 0.1, `${rttMs}`);
});

test("a node whose network is another one than before has a new agent, which the others believe", () => {
  const world = started();
  const [before] = world.run(10_000).slice(-1);
  world.identities.set("/ns/b", "b after its restart");
  const [after] = world.run(4_000).slice(-1);
  assert.ok(after!.nodes.b!.sent < before!.nodes.b!.sent);
  assert.equal(after!.nodes.a!.known, 2);
  assert.ok(after!.nodes.a!.sent > before!.nodes.a!.sent);
});

test("a paused node is silent and goes on with what it knew; one that is not named any more is gone", () => {
  const world = started();
  const [before] = world.run(10_000).slice(-1);
  world.name(three.map((each) => ({ ...each, paused: each.name === "c" })));
  const during = world.run(5_000).at(-1)!;
  assert.deepEqual(Object.keys(during.nodes), ["a", "b"]);
  world.name(three);
  const after = world.run(3_000).at(-1)!;
  assert.ok(after.nodes.c!.sent > before!.nodes.c!.sent);
  world.name(three.slice(0, 2));
  assert.deepEqual(Object.keys(world.run(2_000).at(-1)!.nodes), ["a", "b"]);
});

test("a socket that cannot be had is told once, and tried again", () => {
  const world = new World();
  for (const { name, namespacePath } of three) world.identities.set(namespacePath!, name);
  world.refused = "10.0.0.2:4747";
  world.name(three);
  world.run(5_000);
  const troubles = world.lines.filter((line) => line.is === "trouble");
  assert.deepEqual(troubles, [{ is: "trouble", node: "b", why: "10.0.0.2:4747: bind: EADDRINUSE" }]);
  world.refused = undefined;
  assert.ok(world.run(3_000).at(-1)!.nodes.b);
});

test("an unknown algorithm is refused with the names of those that there are", () => {
  assert.throws(
    () => algorithmNamed("toString"),
    /no such coordinate algorithm\n.*vivaldi-coordinates, serf, brume/,
  );
});
