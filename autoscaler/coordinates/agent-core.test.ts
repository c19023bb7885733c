import assert from "node:assert/strict";
import { test } from "node:test";
import { seeded } from "../plant/random.ts";
import { encodeFrame } from "./agent-frame.ts";
import { addressOf, plainVivaldi, type SimulatedWorld, Simulation } from "./agent-simulation-for-tests.ts";

type Point = readonly [number, number];

/** Nodes in a square of 60 ms, datagrams lost and late as asked. */
function square(count: number, seed: number, lossRatio = 0, jitterMs = 0) {
  const random = seeded(seed);
  const names = Array.from({ length: count }, (_, index) => `n${index}`);
  const points = new Map<string, Point>(
    names.map((name) => [name, [60 * random.uniform(), 60 * random.uniform()]]),
  );
  const rttMs = (one: string, other: string) => {
    const [a, b] = [points.get(one)!, points.get(other)!];
    return 0.2 + Math.hypot(a[0] - b[0], a[1] - b[1]);
  };
  const world: SimulatedWorld = {
    delay: (from, to) =>
      random.uniform() < lossRatio ? undefined : rttMs(from, to) / 2 + jitterMs * random.uniform(),
  };
  const simulation = new Simulation(plainVivaldi, names, world, random.uniform);
  return { simulation, names, points, rttMs };
}

const startAll = ({ simulation, names }: ReturnType<typeof square>) => {
  for (const name of names) simulation.start(name, names);
};

test("hundreds of agents learn each other's places through loss and jitter", () => {
  const world = square(120, 3, 0.05, 1);
  const { simulation, names, rttMs } = world;
  startAll(world);
  simulation.run(40_000);
  const errors: number[] = [];
  const believed = simulation.agents.get("n0")!.adverts();
  assert.equal(believed.size, 119);
  for (const name of names.slice(1)) {
    const own = simulation.agents.get("n0")!.report().advert;
    const { rttMs: estimated } = plainVivaldi.estimate(own, believed.get(name)!);
    errors.push(Math.abs(estimated - rttMs("n0", name)) / rttMs("n0", name));
  }
  const median = errors.sort((a, b) => a - b)[60]!;
  assert.ok(median < 0.25, `${median}`);
  assert.ok(simulation.bytesMax <= 1_200);
});

test("a world with one seed goes the same way twice", () => {
  const [one, two] = [0, 1].map(() => {
    const world = square(20, 5, 0.1, 5);
    startAll(world);
    world.simulation.run(20_000);
    return JSON.stringify([...world.simulation.agents].map(([name, agent]) => [name, agent.report()]));
  });
  assert.equal(one, two);
});

test("who knows one node only soon knows all, and all know it", () => {
  const world = square(100, 4);
  const { simulation, names } = world;
  for (const name of names) simulation.start(name, ["n0"]);
  simulation.run(20_000);
  for (const [name, agent] of simulation.agents) assert.equal(agent.adverts().size, 99, name);
});

test("a round trip is the path's, whatever time the peer took to answer", () => {
  const world = square(2, 1);
  const { simulation, rttMs } = world;
  startAll(world);
  const slow = simulation.agents.get("n1")!;
  const receive = slow.receive.bind(slow);
  const heldMs = rttMs("n0", "n1") / 2;
  // It says that it held the probe for so long, which in this world it did not.
  slow.receive = (bytes, from, nowMs) =>
    receive(bytes, from, nowMs).map(({ to, leave }) => ({ to, leave: () => leave(nowMs + heldMs) }));
  simulation.run(3_000);
  const [measured] = simulation.agents.get("n0")!.report().measured;
  assert.equal(measured?.peer, "n1");
  assert.ok(Math.abs(measured.rttMs - heldMs) < 0.001);
});

test("the pace falls from young to settled, and probes are bounded by it", () => {
  const world = square(10, 2);
  const { simulation } = world;
  startAll(world);
  simulation.run(10_000);
  const sent = () => simulation.agents.get("n3")!.report().sent;
  const young = sent();
  assert.ok(young > 25 && young <= 63, `${young} in 10 s`);
  simulation.run(60_000);
  const before = sent();
  simulation.run(20_000);
  assert.ok(Math.abs(sent() - before - 20) <= 4, `${sent() - before} in 20 s when settled`);
});

test("a lost probe is counted and does no other harm; a crashed node falls silent and is forgotten", () => {
  const world = square(10, 2);
  const { simulation } = world;
  startAll(world);
  simulation.run(20_000);
  simulation.crash("n9");
  const agent = simulation.agents.get("n0")!;
  simulation.run(30_000);
  const lostAtFirst = agent.report().lost;
  assert.ok(lostAtFirst >= 1 && lostAtFirst <= 7, `${lostAtFirst}: tried now and then only`);
  assert.ok(agent.adverts().has("n9"));
  simulation.run(40_000);
  for (const [name, each] of simulation.agents) assert.ok(!each.adverts().has("n9"), name);
});

test("a node that comes back in another place is believed, and measured anew, within seconds", () => {
  const world = square(12, 6);
  const { simulation, points, names, rttMs } = world;
  startAll(world);
  simulation.run(60_000);
  simulation.crash("n11");
  simulation.run(30_000);
  points.set("n11", [200, 200]);
  simulation.start("n11", names);
  simulation.run(10_000);
  const measured = simulation.agents.get("n11")!.report().measured;
  assert.equal(measured.length, 11);
  for (const { peer, rttMs: told } of measured) assert.ok(Math.abs(told - rttMs("n11", peer)) < 0.01);
});

test("a node that moves notices within seconds, and nobody else takes it for its own move", () => {
  const world = square(15, 8, 0.02, 1);
  const { simulation, points, rttMs } = world;
  startAll(world);
  simulation.run(120_000);
  for (const agent of simulation.agents.values()) agent.report();
  points.set("n7", [160, 160]);
  simulation.run(8_000);
  const moves = new Map([...simulation.agents].map(([name, agent]) => [name, agent.report()]));
  assert.ok(moves.get("n7")!.moves[0]!.byMs > 50);
  for (const [name, { moves: seen }] of moves) if (name !== "n7") assert.deepEqual(seen, [], name);
  const told = moves
    .get("n7")!
    .measured.filter(({ peer, rttMs: each }) => Math.abs(each - rttMs("n7", peer)) < 3);
  assert.ok(told.length >= 7, `${told.length} of 14 paths measured anew`);
});

test("a restarted partition heals: both sides know each other again", () => {
  const random = seeded(9);
  let isCut = false;
  const side = (name: string) => Number(name.slice(1)) % 2;
  const world: SimulatedWorld = { delay: (from, to) => (isCut && side(from) !== side(to) ? undefined : 5) };
  const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
  const simulation = new Simulation(plainVivaldi, names, world, random.uniform);
  for (const name of names) simulation.start(name, names);
  simulation.run(20_000);
  isCut = true;
  simulation.run(180_000);
  assert.equal(simulation.agents.get("n0")!.adverts().size, 5);
  isCut = false;
  simulation.run(25_000);
  for (const agent of simulation.agents.values()) assert.equal(agent.adverts().size, 11);
});

test("strangers, answers nobody asked for and one's own words come to nothing", () => {
  const world = square(3, 1);
  const { simulation, names } = world;
  startAll(world);
  simulation.run(5_000);
  const agent = simulation.agents.get("n0")!;
  const before = agent.report().refused;
  const advert = { position: [1e6, 1e6], height: 0, adjustment: 0, error: 0.1, samples: 9 };
  const notice = { name: "evil", address: addressOf(77), born: 9, revision: 9, ageMs: 0, advert };
  const frame = (kind: "probe" | "answer", name: string, secret: string) =>
    encodeFrame({ kind, sequence: 1, known: 0, notices: [{ ...notice, name }] }, Buffer.from(secret));
  for (const bytes of [
    frame("probe", "evil", "theirs"),
    frame("answer", "n1", "ours"),
    frame("probe", "n0", "ours"),
    Buffer.from("hello"),
  ])
    simulation.inject(bytes, addressOf(1), "n0");
  assert.equal(agent.report().refused - before, 4);
  assert.deepEqual([...agent.adverts().keys()].sort(), names.slice(1).sort());
});

test("no more nodes are remembered than there is room for", () => {
  const random = seeded(2);
  const names = Array.from({ length: 60 }, (_, index) => `n${index}`);
  const simulation = new Simulation(plainVivaldi, names, { delay: () => 3 }, random.uniform, {
    nodesMax: 20,
  });
  for (const name of names) simulation.start(name, ["n0", "n1"]);
  simulation.run(30_000);
  for (const agent of simulation.agents.values()) assert.ok(agent.report().known <= 20);
});
