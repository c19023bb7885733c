import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ConditionChange } from "#testbed/network/conditions.ts";
import { devicesOf } from "../topology-for-tests.ts";
import { loadTopology, parseRule, parseTopology } from "./load.ts";
import type { Topology } from "./topology.ts";
import { TopologyError } from "./topology-error.ts";

const noSides = (path: string): string => {
  throw new Error(`no test needs ${path}`);
};

const parse = (text: string, sides: Readonly<Record<string, string>> = {}): Topology =>
  parseTopology(text, "folder/lab.yaml", (path) => sides[path] ?? noSides(path), devicesOf("pi4b"));

/** The change that one pair rule asks for. */
function changeOf(rule: string, sides: Readonly<Record<string, string>> = {}): ConditionChange | undefined {
  return parse(`name: x\nnodes: { "a[1-2]": }\nnetwork:\n  pairs:\n    - ${rule}\n`, sides).pairs[0]?.change;
}

const example = `
name: fog-15
defaults: { kind: netns, device: pi4b }
fabric: auto                       # auto | wire | netem; auto takes netem where the kernel has it
nodes:
  coord:      { role: coordinator, device: none }
  gen[1-5]:   { role: generator, device: none }
  dsp[1-10]:  { role: worker }
  pi-kitchen: { role: worker, kind: ssh, host: pi@192.168.1.20, key: ~/.ssh/id_ed25519 }
network:
  access:                           # a node's own up and down link, shared by all its peers
    dsp[1-10]: { up: 100Mbit/s, down: 100Mbit/s }
  pairs:                            # ordered, later rules win per property
    - { from: "*", to: "dsp[6-10]", delay: 25ms, jitter: 10ms, loss: 0.1% }
  matrix: { file: ../data/rtt/cities.tsv, holds: rtt, unit: ms, nodes: "dsp[1-10]" }
events:
  - { at: 60s, pairs: { to: "dsp7" }, delay: 80ms, for: 30s }
  - { at: 120s, node: dsp3, do: crash }      # crash | restart | pause | resume | partition | heal | flap
`;
const cities = Array.from({ length: 12 }, (_, row) =>
  Array.from({ length: 12 }, (_, column) => Math.abs(row - column) * 3).join("\t"),
).join("\n");

test("a whole file becomes nodes, access links, rules, a matrix and events", () => {
  const topology = parse(example, { "data/rtt/cities.tsv": cities });
  const names = topology.nodes.map(({ name }) => name);
  assert.equal(names.length, 17);
  assert.deepEqual(names.slice(5, 8), ["gen5", "dsp1", "dsp2"]);
  assert.deepEqual(topology.nodes.at(-1), {
    name: "pi-kitchen",
    kind: "ssh",
    role: "worker",
    device: "pi4b",
    settings: { host: "pi@192.168.1.20", key: "~/.ssh/id_ed25519" },
  });
  assert.equal(topology.nodes[0]?.device, "none");
  assert.deepEqual(topology.access[9], { node: "dsp10", upBitsPerSecond: 1e8, downBitsPerSecond: 1e8 });
  assert.equal(topology.pairs[0]?.from.length, 17);
  assert.deepEqual(topology.pairs[0]?.to, ["dsp6", "dsp7", "dsp8", "dsp9", "dsp10"]);
  assert.deepEqual(topology.pairs[0]?.change, {
    delayMs: 25,
    jitter: { spreadMs: 10, distribution: "normal", reorder: false },
    loss: { model: "random", ratio: 0.001 },
  });
  assert.equal(topology.matrix?.oneWayMs[0]?.[2], 3);
  assert.deepEqual(topology.events, [
    { atMs: 60_000, forMs: 30_000, pairs: { from: names, to: ["dsp7"], change: { delayMs: 80 } } },
    { atMs: 120_000, nodes: ["dsp3"], do: "crash" },
  ]);
});

test("a topology survives being written as JSON", () => {
  const topology = parse(example, { "data/rtt/cities.tsv": cities });
  assert.deepEqual(JSON.parse(JSON.stringify(topology)), topology);
});

test("what a file leaves out has its stated default", () => {
  const { fabric, mtuBytes, seed, subnet, nodes, pairs, events, links, access } =
    parse("name: x\nnodes: { a: }\n");
  assert.deepEqual(
    { fabric, mtuBytes, seed, subnet },
    { fabric: "auto", mtuBytes: 1500, seed: 1, subnet: undefined },
  );
  assert.deepEqual(nodes, [{ name: "a", kind: "netns", role: "worker", device: "none", settings: {} }]);
  assert.deepEqual([pairs, events, links, access], [[], [], [], []]);
});

test("a rule for both ways adds its delay to no pair twice", () => {
  const { pairs } = parse(`
name: x
nodes: { "a[1-3]": , b: }
network:
  pairs:
    - { from: "a*", to: "*", both: true, delay: +5ms }
`);
  const added = new Map<string, number>();
  for (const { from, to } of pairs) {
    for (const sender of from)
      for (const receiver of to) {
        const pair = `${sender} ${receiver}`;
        added.set(pair, (added.get(pair) ?? 0) + 1);
      }
  }
  assert.ok([...added.values()].every((times) => times === 1));
  assert.equal(added.get("b a1"), 1);
  assert.equal(added.size, 15); // Of 4 x 4 all but b to b.
});

test("an event for both ways becomes one event each way, at the same times", () => {
  const { events } = parse(`
name: x
nodes: { a: , b: }
events:
  - { at: 1s, for: 2s, pairs: { from: a, to: b, both: true }, cut: true }
`);
  assert.deepEqual(events, [
    { atMs: 1000, forMs: 2000, pairs: { from: ["a"], to: ["b"], change: { cut: true } } },
    { atMs: 1000, forMs: 2000, pairs: { from: ["b"], to: ["a"], change: { cut: true } } },
  ]);
});

test("later access patterns win per property", () => {
  const { access } = parse(`
name: x
nodes: { "a[1-2]": }
network:
  access:
    "*": 10Mbit/s
    a2: { down: 1Mbit/s, queue: { limit: 64KB, discipline: codel, ecn: true } }
`);
  assert.deepEqual(access, [
    { node: "a1", upBitsPerSecond: 1e7, downBitsPerSecond: 1e7 },
    {
      node: "a2",
      upBitsPerSecond: 1e7,
      downBitsPerSecond: 1e6,
      queue: { limitBytes: 64_000, discipline: "codel", ecn: true },
    },
  ]);
});

test("jitter takes a spread, a distribution, or the shape of a trace", () => {
  const uniform = changeOf("{ delay: 9ms, jitter: { spread: 3ms, distribution: uniform, reorder: true } }");
  assert.deepEqual(uniform?.jitter, { spreadMs: 3, distribution: "uniform", reorder: true });
  const sides = { "folder/rtt.txt": "# measured\n30\n10\n\n20\n" };
  const trace = changeOf("{ jitter: { trace: rtt.txt } }", sides);
  assert.equal(trace?.delayMs, 20);
  assert.deepEqual(trace?.jitter?.offsetsMs, [-10, 0, 10]);
  assert.ok(Math.abs(trace.jitter.spreadMs - Math.sqrt(200 / 3)) < 1e-6);
  const moved = changeOf("{ delay: 50ms, jitter: { trace: rtt.txt, unit: us } }", sides);
  assert.equal(moved?.delayMs, 50);
  assert.deepEqual(moved?.jitter?.offsetsMs, [-0.01, 0, 0.01]);
});

test("a loss in bursts keeps its ratio and its mean burst", () => {
  const loss = changeOf("{ loss: { ratio: 1%, burst: 5 } }")?.loss;
  assert.ok(loss?.model === "bursts");
  assert.ok(Math.abs(loss.enter / (loss.enter + loss.leave) - 0.01) < 1e-12);
  assert.equal(1 / loss.leave, 5);
  assert.deepEqual([loss.lossGood, loss.lossBad], [0, 1]);
  const chain = changeOf("{ loss: { enter: 2%, leave: 50%, good: 0.1%, bad: 80% } }")?.loss;
  assert.deepEqual(chain, { model: "bursts", enter: 0.02, leave: 0.5, lossGood: 0.001, lossBad: 0.8 });
});

test("a queue limit as a time follows from the rate beside it", () => {
  assert.deepEqual(changeOf("{ rate: 8Mbit/s, queue: 100ms }")?.queue, {
    limitBytes: 100_000,
    discipline: "drop-tail",
    ecn: false,
  });
});

test("brackets in a host run along the names of the nodes", () => {
  const { nodes } = parse(
    'name: x\nnodes: { "pi[1-3]": { kind: ssh, host: "pi@10.0.0.[21-23]", port: 2222 } }\n',
  );
  assert.deepEqual(
    nodes.map(({ settings }) => settings.host),
    ["pi@10.0.0.21", "pi@10.0.0.22", "pi@10.0.0.23"],
  );
  assert.equal(nodes[2]?.settings.port, 2222);
});

test("default settings reach only the nodes whose kind takes them", () => {
  const { nodes } = parse(
    "name: x\ndefaults: { key: id, memory: 1GiB }\nnodes: { a: , b: { kind: ssh, host: h }, c: { kind: qemu } }\n",
  );
  assert.deepEqual(
    nodes.map(({ settings }) => settings),
    [{}, { host: "h", key: "id" }, { memoryBytes: 2 ** 30 }],
  );
});

test("a wildcard means nodes, not switches", () => {
  const { pairs } = parse(`
name: x
nodes: { a: , b: , s: { role: switch } }
links:
  - { endpoints: [a, s], delay: 1ms, rate: 10Mbit/s }
  - { endpoints: [s, b], delay: 1ms }
network: { pairs: [{ to: "*", loss: 1% }] }
`);
  assert.deepEqual(pairs[0]?.to, ["a", "b"]);
});

test("the rows of a matrix stand for nodes in the order in which its patterns name them", () => {
  const sides = { "folder/m.csv": ",rome,paris,oslo\nrome,0,2,4\nparis,6,0,8\noslo,10,-,0\n" };
  const file = (matrix: string) =>
    `name: x\nnodes: { "n[1-3]": , rome: , paris: , oslo: }\nnetwork: { matrix: ${matrix} }\n`;
  const picked = parse(file('{ file: m.csv, holds: rtt, unit: ms, nodes: ["n3", "n1"] }'), sides).matrix;
  assert.deepEqual(picked, {
    nodes: ["n3", "n1"],
    oneWayMs: [
      [null, 1],
      [3, null],
    ],
  });
  const named = parse(file("{ file: m.csv, holds: one-way, unit: s, scale: 0.5 }"), sides).matrix;
  assert.deepEqual(named?.nodes, ["rome", "paris", "oslo"]);
  assert.deepEqual(named?.oneWayMs[2], [5000, null, null]);
});

test("an event may bring the delay that its jitter varies, and a rate that a queue waits for", () => {
  const text = "name: x\nnodes: { a: , b: }\nnetwork: { pairs: [{ queue: 64KB }] }\nevents:\n";
  const { events } = parse(`${text}  - { at: 0, pairs: {}, delay: 20ms, jitter: 5ms, rate: 1Mbit/s }\n`);
  assert.equal(events.length, 1);
});

test("a file that cannot be read is refused by name", async () => {
  await assert.rejects(loadTopology("/nonexistent/lab.yaml"), {
    name: "TopologyError",
    exitStatus: 2,
    message:
      "/nonexistent/lab.yaml:1:1: cannot be read: there is no such file\n" +
      "  fix: name a topology file, such as topologies/smallest.yaml",
  });
});

test("side files are found beside the topology, wherever brume runs", async () => {
  const folder = await mkdtemp(join(tmpdir(), "brume-load-"));
  try {
    await writeFile(join(folder, "m.tsv"), "0 8\n8 0\n");
    const text =
      'name: x\nnodes: { a: , b: }\nnetwork: { matrix: { file: m.tsv, holds: rtt, unit: ms, nodes: "*" } }\n';
    await writeFile(join(folder, "lab.yaml"), text);
    const { matrix } = await loadTopology(join(folder, "lab.yaml"));
    assert.deepEqual(matrix?.oneWayMs, [
      [null, 4],
      [4, null],
    ]);
    await writeFile(join(folder, "latin.yaml"), Buffer.from("name: caf\xe9\n", "latin1"));
    await assert.rejects(
      loadTopology(join(folder, "latin.yaml")),
      /latin\.yaml:1:1: the file is not UTF-8 text/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("every mistake of one reading is told, in the order of the file", () => {
  const text =
    "name: x\nnodes: { a: , b: }\nnetwork:\n  pairs:\n    - { to: c, loss: 1% }\n    - { from: d, loss: 1% }\n";
  assert.throws(
    () => parse(text),
    (error) => {
      assert.ok(error instanceof TopologyError);
      assert.deepEqual(
        error.mistakes.map(({ fault, place }) => [fault, place.line]),
        [
          ["matches-nothing", 5],
          ["matches-nothing", 6],
        ],
      );
      return true;
    },
  );
});

test("a rule by hand is judged on what the lab's pairs feel", () => {
  const below = parse(
    "name: x\nnodes: { a: , b: , s: { role: switch } }\nlinks:\n  - { endpoints: [a, s], delay: 10ms }\n  - { endpoints: [s, b], delay: 5ms }\n",
  );
  const [rule] = parseRule({ to: "b", jitter: "12ms" }, below);
  assert.deepEqual([rule?.from, rule?.to, rule?.change.jitter?.spreadMs], [["a", "b"], ["b"], 12]);
  assert.throws(
    () => parseRule({ to: "b", jitter: "16ms" }, below),
    /16ms is more than the delay of 15ms from a to b/,
  );
  assert.throws(() => parseRule({ to: "s", delay: "1ms" }, below), /pattern "s" matches no node/);
  const raised = { ...below, pairs: parseRule({ delay: "+10ms" }, below) };
  assert.equal(parseRule({ jitter: "16ms" }, raised).length, 1);
});
