import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { compileNetwork, conditionsOf } from "#testbed/network/compile.ts";
import { loadTopology } from "../load.ts";
import { nodeActions, type Topology } from "../topology.ts";

const folder = new URL("../../../topologies/", import.meta.url).pathname;
const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

const load = (name: string): Promise<Topology> => loadTopology(join(folder, name));
const withRole = ({ nodes }: Topology, role: string) =>
  nodes.filter((node) => node.role === role).map(({ name }) => name);

describe("every file under topologies/", () => {
  for (const name of files) {
    test(`${name} parses, is called as its file, names the schema and says how to try it`, async () => {
      const topology = await load(name);
      assert.equal(topology.name, name.replace(".yaml", ""));
      const text = readFileSync(join(folder, name), "utf8");
      assert.equal(text.split("\n")[0], "# yaml-language-server: $schema=./topology.schema.json");
      assert.match(text, /^# [Tt]ry it: +\.\/brume /m);
    });
  }
});

test("fog-15 has a coordinator, 5 generators, 10 workers, and 25 ms towards half of the workers alone", async () => {
  const topology = await load("fog-15.yaml");
  const workers = withRole(topology, "worker");
  assert.equal(withRole(topology, "generator").length, 5);
  assert.equal(workers.length, 10);
  assert.equal(withRole(topology, "coordinator").length, 1);
  const network = compileNetwork(topology);
  const impacted = workers.filter((worker) => conditionsOf(network, "gen1", worker).delayMs === 25);
  assert.deepEqual(impacted, ["dsp6", "dsp7", "dsp8", "dsp9", "dsp10"]);
  assert.equal(conditionsOf(network, "dsp6", "gen1").delayMs, 0);
});

test("fog-23 has 7 generators, 16 workers of which 67 % are impacted, and 100 Mbit/s for every node", async () => {
  const topology = await load("fog-23.yaml");
  const workers = withRole(topology, "worker");
  assert.equal(withRole(topology, "generator").length, 7);
  assert.equal(workers.length, 16);
  const network = compileNetwork(topology);
  const impacted = workers.filter((worker) => conditionsOf(network, "gen1", worker).delayMs === 25);
  assert.equal(impacted.length, Math.round(0.67 * 16));
  assert.equal(conditionsOf(network, "gen1", impacted[0]!).jitter?.spreadMs, 10);
  assert.equal(topology.access.length, topology.nodes.length);
  assert.ok(
    topology.access.every(
      ({ upBitsPerSecond, downBitsPerSecond }) => upBitsPerSecond === 1e8 && downBitsPerSecond === 1e8,
    ),
  );
});

test("events.yaml shows every action that can befall a node, and conditions for a while and for good", async () => {
  const { events } = await load("events.yaml");
  const actions = new Set(events.flatMap((event) => ("do" in event ? [event.do] : [])));
  assert.deepEqual([...actions].sort(), [...nodeActions].sort());
  const conditions = events.filter((event) => "pairs" in event);
  assert.ok(
    conditions.some(({ forMs }) => forMs !== undefined) &&
      conditions.some(({ forMs }) => forMs === undefined),
  );
  assert.ok(conditions.some((event) => "pairs" in event && event.pairs.change.addDelayMs === 30));
});

test("cities.yaml takes every delay from its matrix file", async () => {
  const { matrix, nodes } = await load("cities.yaml");
  assert.ok(matrix);
  assert.deepEqual(
    matrix.nodes,
    nodes.map(({ name }) => name),
  );
  assert.ok(matrix.oneWayMs.every((row, from) => row.every((delay, to) => from === to || (delay ?? 0) > 0)));
});

test("pi-rack.yaml reaches each Pi at an address of its own in the documentation range", async () => {
  const { nodes } = await load("pi-rack.yaml");
  const hosts = nodes.filter(({ kind }) => kind === "ssh").map(({ settings }) => String(settings.host));
  assert.equal(new Set(hosts).size, 6);
  assert.ok(hosts.every((host) => host.startsWith("192.0.2.")));
});

test("smallest.yaml has at most three nodes and needs no rights beyond namespaces", async () => {
  const { nodes } = await load("smallest.yaml");
  assert.equal(nodes.length, 3);
  assert.ok(nodes.every(({ kind, device }) => kind === "netns" && device === "none"));
});
