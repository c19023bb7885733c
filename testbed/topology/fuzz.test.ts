/** Whatever a file holds, the parser answers with a topology or with a TopologyError, in bounded time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { compileNetwork } from "#testbed/network/compile.ts";
import { devicesOf } from "../topology-for-tests.ts";
import { parseTopology } from "./load.ts";
import { TopologyError } from "./topology-error.ts";

const whole = `name: all
defaults: { kind: netns, device: none, key: ~/.ssh/id }
fabric: wire
mtu: 1500
seed: 7
subnet: 10.90.0.0/16
nodes:
  coord: { role: coordinator, tier: cloud, position: { latitude: 52.5, longitude: 13.4 } }
  dsp[01-03]: { device: pi4b }
  pi[1-2]: { kind: ssh, host: "pi@10.0.0.[1-2]" }
  s1: { role: switch }
network:
  access: { "dsp*": { up: 10Mbit/s, down: 20Mbit/s, queue: 64KB } }
  matrix: { file: m.tsv, holds: rtt, unit: ms, nodes: "dsp[01-03]", scale: 2 }
  pairs:
    - { from: "*", to: ["dsp[01-02]", coord], delay: 25ms, jitter: { spread: 5ms, distribution: pareto } }
    - { both: true, to: coord, delay: +3ms, loss: { ratio: 1%, burst: 4 }, rate: 1MB/s, queue: { limit: 50ms } }
    - { from: "dsp*", to: "pi*", jitter: { trace: t.txt, reorder: true }, loss: { enter: 1%, leave: 9% }, mtu: 1400 }
links:
  - { endpoints: [coord, s1], delay: 1ms, rate: 1Gbit/s }
  - { endpoints: [s1, dsp01], delay: 2ms, jitter: 1ms, duplicate: 0.1%, corrupt: 0.1% }
events:
  - { at: 5s, pairs: { to: coord, both: true }, delay: 80ms, for: 30s }
  - { at: 9s, nodes: "dsp*", do: churn, every: 2s, for: 10s }
`;
const sides: Readonly<Record<string, string>> = {
  "m.tsv": "0\t1\t2\n1\t0\t3\n2\t3\t0\n",
  "t.txt": "10\n20\n30\n",
};

/** True when it is a topology, which then also compiles; anything but a TopologyError fails the test. */
function survives(text: string, readSide = (path: string) => sides[path] ?? ""): boolean {
  try {
    compileNetwork(parseTopology(text, "lab.yaml", readSide, devicesOf("pi4b")));
    return true;
  } catch (error) {
    if (!(error instanceof TopologyError)) throw error;
    assert.match(error.message, /^[^\n]+:\d+:\d+: [^\n]+\n {2}fix: [^\n]+/);
    return false;
  }
}

const piece = fc.oneof(
  fc.constantFrom(
    ..."[]{}:,*&!%#|>-'\"\n\t ?0",
    "\n  ",
    ": ",
    "[1-9]",
    "-1",
    "1e99",
    "~",
    "<<: ",
    "---\n",
    "\u0000",
  ),
  fc.constantFrom("delay", "pairs", "nodes", "*x", "&x ", "0ms", "99999999999999999999h", "__proto__: 1"),
  fc.string({ maxLength: 6 }),
);
const edit = fc.record({ at: fc.nat(whole.length), remove: fc.nat(12), insert: piece });

test("the file that the mutations start from is a topology", () => {
  assert.equal(survives(whole), true);
});

test("a topology with some of its characters changed never breaks the parser", () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let text = whole;
      for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove);
      survives(text);
    }),
    { numRuns: 250 },
  );
});

test("a topology with one of its values exchanged never breaks the parser", () => {
  const scalars = [...whole.matchAll(/(?<=[:[,] )[^\s{}[\],]+/g)];
  const value = fc.oneof(piece, fc.integer().map(String), fc.double().map(String), fc.json({ maxDepth: 2 }));
  fc.assert(
    fc.property(fc.nat(scalars.length - 1), value, (index, replacement) => {
      const { 0: old, index: at } = scalars[index]!;
      survives(whole.slice(0, at) + replacement + whole.slice(at + old.length));
    }),
    { numRuns: 250 },
  );
});

test("any tree of values under the format's keys never breaks the parser", () => {
  const words = [
    "name",
    "nodes",
    "network",
    "pairs",
    "access",
    "matrix",
    "links",
    "events",
    "delay",
    "jitter",
    "loss",
  ];
  const more = [
    "from",
    "to",
    "at",
    "do",
    "queue",
    "limit",
    "trace",
    "file",
    "endpoints",
    "host",
    "kind",
    "*",
    "a[1-3]",
  ];
  const key = fc.oneof(fc.constantFrom(...words, ...more), fc.string({ maxLength: 5 }));
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom("5ms", "1%", "a1"),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 5 }),
    ),
  }));
  const file = fc.record({
    name: fc.constant("x"),
    nodes: fc.constant({ "a[1-3]": null }),
    network: tree,
    events: tree,
    links: tree,
  });
  fc.assert(
    fc.property(fc.oneof(tree, file), (value) => {
      survives(stringify(value));
    }),
    { numRuns: 300 },
  );
});

test("bytes of any kind never break the parser", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary", maxLength: 80 }), fc.uint8Array({ maxLength: 80 })),
      (bytes) => {
        survives(typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("latin1"));
      },
    ),
    { numRuns: 250 },
  );
});

test("matrix and trace files of any kind never break the parser", () => {
  const cell = fc.oneof(
    fc.constantFrom("0", "1.5", "-", "", "-3", "1e9", "rome", '"', "#", "99999999"),
    fc.string({ maxLength: 4 }),
  );
  const separator = fc.constantFrom("\t", ",", ";", " ");
  const table = fc
    .tuple(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), separator)
    .map(([rows, mark]) => rows.map((row) => row.join(mark)).join("\n"));
  fc.assert(
    fc.property(table, fc.oneof(table, fc.string()), (matrix, trace) => {
      survives(whole, (path) => (path === "m.tsv" ? matrix : trace));
    }),
    { numRuns: 300 },
  );
});

test("nests and bombs are refused at once", () => {
  const bomb = ["a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"];
  for (let level = 1; level < 12; level++) {
    const [below, here] = [String.fromCharCode(96 + level), String.fromCharCode(97 + level)];
    bomb.push(`${here}: &${here} [${Array(10).fill(`*${below}`).join(", ")}]`);
  }
  for (const text of [
    "[".repeat(50_000),
    "{a: ".repeat(5000),
    "- ".repeat(20_000),
    bomb.join("\n"),
    "? ".repeat(9000),
  ]) {
    assert.equal(survives(text), false);
  }
});
