import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { UserError } from "#testbed/user-error.ts";
import { devicesOf } from "../../topology-for-tests.ts";
import { matrixText, withMatrixFile, withPairRules } from "../generate/delays.ts";
import { renderTopology } from "../generate/document.ts";
import type { Generated } from "../generate/generator.ts";
import { generatorNamed } from "../generate/registry.ts";
import { parseTopology } from "../load.ts";
import type { Topology } from "../topology.ts";
import { uniqueNames } from "./node-names.ts";

function imported(name: string, text: string, options: Record<string, string> = {}, seed = 1): Generated {
  return generatorNamed(name).generate((option) => options[option], {
    words: ["source"],
    seed,
    readText: () => text,
    cities: () => "",
  });
}

function parsed({ document, delays }: Generated): Topology {
  const whole = delays ? withPairRules(document, delays) : document;
  const text = renderTopology(whole, { schema: "./s.json", comments: [], command: "test" });
  return parseTopology(text, "made.yaml", () => "", devicesOf());
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.exitStatus, 2);
    return error.message;
  }
  throw new Error("nothing was refused");
}

test("names that are numbers are not kept", () => {
  assert.deepEqual(uniqueNames(["7", "0x1f", "r7"]).names, ["n7", "n0x1f", "r7"]);
});

describe("from-containerlab", () => {
  const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");
  const lab = (links: string) =>
    `name: t\ntopology:\n  nodes: {a: {}, b: {}, br: {kind: bridge}}\n  links:\n${links}`;

  test("brief and extended links, a bridge and impairments come over; the rest is listed", () => {
    const generated = imported("from-containerlab", fixture("mixed.clab.yml"));
    const topology = parsed(generated);
    assert.deepEqual(
      topology.nodes.map(({ name, role }) => `${name} ${role}`),
      [
        "leaf-1 worker",
        "leaf2 worker",
        "spine1 worker",
        "br-edge switch",
        "sensor1 worker",
        "sensor2 worker",
      ],
    );
    assert.deepEqual(
      topology.links.map(({ endpoints }) => endpoints.join("-")),
      ["leaf-1-spine1", "leaf2-spine1", "leaf2-br-edge", "sensor1-br-edge", "sensor2-br-edge"],
    );
    const [brief, extended, , , vars] = topology.links;
    assert.equal(brief!.change.delayMs, 2);
    assert.equal(brief!.change.rateBitsPerSecond, 100e6);
    assert.deepEqual(extended!.change.loss, { model: "random", ratio: 0.001 });
    assert.equal(extended!.change.jitter?.spreadMs, 0.5);
    assert.equal(extended!.change.corruptRatio, 0.0001);
    assert.equal(extended!.change.mtuBytes, 9000);
    assert.equal(vars!.change.rateBitsPerSecond, 10e6);
    assert.deepEqual(generated.warnings, [
      "leaf_1 is called leaf-1 here, since names become host names",
      "source:33:7: one more link between leaf2 and spine1; packets take the first, so this one is left out",
      "source:38:7: a link to host leads out of the lab and is left out",
      "source:39:7: a link of type mgmt-net leads out of the lab and is left out",
      "kind nokia_srlinux is not emulated; plain namespaces stand for spine1",
      "setting image is left out (leaf_1, leaf2)",
      "setting exec is left out (leaf2)",
    ]);
  });

  test("a Clos of five routers becomes five nodes and their links", () => {
    const topology = parsed(imported("from-containerlab", fixture("clos.clab.yml")));
    assert.equal(topology.nodes.length, 5);
    assert.equal(topology.links.length, 6);
  });

  test("a bridge without links is left out, since a switch joins something", () => {
    const generated = imported("from-containerlab", lab('    - endpoints: ["a:eth1", "b:eth1"]\n'));
    assert.deepEqual(
      parsed(generated).nodes.map(({ name }) => name),
      ["a", "b"],
    );
    assert.deepEqual(generated.warnings, ["bridge br is on no link and is left out"]);
  });

  const mistakes: [name: string, text: string, message: RegExp][] = [
    ["no topology", "name: t\n", /^source:1:1: there is no topology in this file\n {2}fix: /],
    [
      "an unknown node",
      lab('    - endpoints: ["a:eth1", "c:eth1"]\n'),
      /^source:5:29: link to c, which is not a node\n {2}fix: declared are: a, b, br$/,
    ],
    ["one endpoint", lab('    - endpoints: ["a:eth1"]\n'), /^source:5:18: a link has exactly two endpoints/],
    [
      "an endpoint without interface",
      lab('    - endpoints: [a, "b:eth1"]\n'),
      /^source:5:19: not an endpoint/,
    ],
    [
      "an unknown type",
      lab("    - type: wormhole\n      endpoints: []\n"),
      /^source:5:13: "wormhole" is not a type of link\n {2}fix: one of: veth/,
    ],
    [
      "a delay without unit",
      lab('    - endpoints: ["a:e1", "b:e1"]\n      vars: {delay: 25}\n'),
      /^source:6:21: "25" is not a delay\n {2}fix: for example delay: 25ms$/,
    ],
    [
      "jitter alone",
      lab('    - endpoints: ["a:e1", "b:e1"]\n      vars: {jitter: 5ms}\n'),
      /^source:6:22: jitter without a delay/,
    ],
    [
      "a loss above 100",
      lab('    - endpoints: ["a:e1", "b:e1"]\n      vars: {loss: 101}\n'),
      /^source:6:20: "101" is not a loss/,
    ],
    [
      "an MTU below IPv6's least",
      lab('    - endpoints: ["a:e1", "b:e1"]\n      mtu: 900\n'),
      /^source:6:12: "900" is not an MTU/,
    ],
    ["a node that is a list", "topology: {nodes: {a: [], b: {}}}\n", /^source:1:23: node a is not a map/],
    ["broken YAML", "topology: [\n", /^source:\d+:\d+: /],
    ["one node", "topology: {nodes: {a: {}}}\n", /^source:1:19: a lab needs at least two nodes/],
  ];
  for (const [name, text, message] of mistakes) {
    test(`${name} is refused with the place and a remedy`, () => {
      assert.match(
        refusal(() => imported("from-containerlab", text)),
        message,
      );
    });
  }
});

describe("from-matrix", () => {
  const square = "0\t10\t20\n10\t0\tnan\n22\t30\t0\n";

  test("half of each round trip is the delay, each direction its own", () => {
    const { pairs, nodes } = parsed(imported("from-matrix", square));
    assert.deepEqual(
      nodes.map(({ name }) => name),
      ["h1", "h2", "h3"],
    );
    const delay = (from: string, to: string) =>
      pairs.find((rule) => rule.from[0] === from && rule.to[0] === to)?.change.delayMs;
    assert.equal(delay("h1", "h2"), 5);
    assert.equal(delay("h1", "h3"), 10);
    assert.equal(delay("h3", "h1"), 11);
    assert.equal(delay("h3", "h2"), 15);
    assert.equal(delay("h2", "h3"), undefined);
  });

  test("pairs without a value are told by number", () => {
    assert.deepEqual(imported("from-matrix", square).warnings, [
      "1 ordered pairs have no value in source; they get no delay",
    ]);
  });

  test("one-way microseconds and names in head and first column are understood", () => {
    const generated = imported("from-matrix", ",Paris,Berlin\nParis,0,9000\nBerlin,9500,0\n", {
      holds: "one-way",
      unit: "us",
    });
    const { nodes, pairs } = parsed(generated);
    assert.deepEqual(
      nodes.map(({ name }) => name),
      ["Paris", "Berlin"],
    );
    assert.equal(pairs[0]!.change.delayMs, 9);
  });

  test("the matrix file written beside the topology holds the values that were read", () => {
    const generated = imported("from-matrix", square);
    const text = renderTopology(withMatrixFile(generated.document, "m.tsv"), {
      schema: "s",
      comments: [],
      command: "test",
    });
    const { matrix } = parseTopology(text, "t.yaml", () => matrixText(generated.delays!), devicesOf());
    assert.deepEqual(matrix?.nodes, ["h1", "h2", "h3"]);
    assert.equal(matrix?.oneWayMs[2]?.[0], 11);
    assert.equal(matrix?.oneWayMs[1]?.[2], null);
  });

  test("a sample takes the asked number of hosts, keeps their values, and depends on the seed alone", () => {
    const size = 30;
    const text = Array.from({ length: size }, (_, i) =>
      Array.from({ length: size }, (_, j) => Math.abs(i - j) * 100 + 1).join(" "),
    ).join("\n");
    const one = imported("from-matrix", text, { nodes: "8" }, 5);
    assert.equal(one.delays!.nodes.length, 8);
    assert.deepEqual(one, imported("from-matrix", text, { nodes: "8" }, 5));
    assert.notDeepEqual(one.delays, imported("from-matrix", text, { nodes: "8" }, 6).delays);
    const rows = /rows ([\d, ]+)\./.exec(one.comments.join(" "))![1]!.split(", ").map(Number);
    assert.equal(one.delays!.rttMs[0]![7], Math.abs(rows[0]! - rows[7]!) * 100 + 1);
  });

  test("what is no square, no number or too small is refused with line and column", () => {
    assert.match(
      refusal(() => imported("from-matrix", "0 1\n1 0 2\n")),
      /^source:2:1: /,
    );
    assert.match(
      refusal(() => imported("from-matrix", "0 1\n1 -5\n3 4\n")),
      /^source:1:1: /,
    );
    assert.match(
      refusal(() => imported("from-matrix", "0\n")),
      /one host/,
    );
    assert.match(
      refusal(() => imported("from-matrix", square, { nodes: "4" })),
      /--nodes 4: source has 3 hosts/,
    );
    assert.match(
      refusal(() => imported("from-matrix", square, { unit: "min" })),
      /--unit min: .*\n {2}fix: one of: us, ms, s/,
    );
  });
});
