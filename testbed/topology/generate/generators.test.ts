import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { UserError } from "#testbed/user-error.ts";
import { devicesOf } from "../../topology-for-tests.ts";
import { parseTopology } from "../load.ts";
import type { Topology } from "../topology.ts";
import { matrixText, withMatrixFile, withPairRules } from "./delays.ts";
import { renderTopology } from "./document.ts";
import type { Generated } from "./generator.ts";
import { generatorNamed } from "./registry.ts";

const cities = readFileSync(new URL("../../../data/cities.tsv", import.meta.url), "utf8");
const devices = devicesOf("pi3b", "pi4b", "pi5");

function made(
  name: string,
  options: Record<string, string> = {},
  words: readonly string[] = [],
  seed = 1,
): Generated {
  return generatorNamed(name).generate((option) => options[option], {
    words,
    seed,
    readText: (path) => readFileSync(path, "utf8"),
    cities: () => cities,
  });
}

function text(generated: Generated): string {
  const document = generated.delays
    ? withPairRules(generated.document, generated.delays)
    : generated.document;
  return renderTopology(document, { schema: "./s.json", comments: generated.comments, command: "test" });
}

const parsed = (generated: Generated): Topology =>
  parseTopology(text(generated), "made.yaml", () => "", devices);

function refused(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.exitStatus, 2);
    return error.message;
  }
  throw new Error("nothing was refused");
}

describe("star", () => {
  test("every leaf hangs on the hub with the asked delay and rate", () => {
    const topology = parsed(made("star", { leaves: "4", delay: "2.5ms", rate: "10Mbit/s" }));
    assert.deepEqual(
      topology.nodes.map(({ name }) => name),
      ["hub", "leaf1", "leaf2", "leaf3", "leaf4"],
    );
    assert.deepEqual(
      topology.links.map(({ endpoints }) => endpoints.join()),
      ["leaf1,hub", "leaf2,hub", "leaf3,hub", "leaf4,hub"],
    );
    for (const { change } of topology.links) {
      assert.equal(change.delayMs, 2.5);
      assert.equal(change.rateBitsPerSecond, 10e6);
    }
  });

  test("a star of one leaf is refused with the option's name", () => {
    assert.match(
      refused(() => made("star", { leaves: "1" })),
      /--leaves 1: not a whole number from 2 to 1000/,
    );
  });

  test("a delay without a unit and a rate in Mbps are refused with what would be right", () => {
    assert.match(
      refused(() => made("star", { delay: "5" })),
      /--delay 5: .*no unit[\s\S]*fix: write 5ms/,
    );
    assert.match(
      refused(() => made("star", { rate: "10Mbps" })),
      /--rate 10Mbps: .*ambiguous[\s\S]*10Mbit\/s/,
    );
  });
});

describe("tree", () => {
  test("depth 3 and fan-out 2 give 8 leaves, 7 switches and 14 links", () => {
    const topology = parsed(made("tree", { depth: "3", "fan-out": "2" }));
    assert.equal(topology.nodes.filter(({ role }) => role === "switch").length, 7);
    assert.equal(topology.nodes.filter(({ role }) => role === "worker").length, 8);
    assert.equal(topology.links.length, 14);
  });

  test("every leaf is exactly `depth` links below the root", () => {
    const { links, nodes } = parsed(made("tree", { depth: "3", "fan-out": "3" }));
    const parent = new Map(links.map(({ endpoints: [above, below] }) => [below, above]));
    for (const { name } of nodes.filter(({ role }) => role === "worker")) {
      let steps = 0;
      for (let at: string | undefined = name; at !== "sw1"; at = parent.get(at!)) steps++;
      assert.equal(steps, 3);
    }
  });

  test("a tree of more leaves than a lab holds is refused before it is built", () => {
    assert.match(
      refused(() => made("tree", { depth: "9", "fan-out": "9" })),
      /387420489 leaves, more than 2000/,
    );
  });
});

describe("fog", () => {
  test("the default has three tiers, a generator at each site and one shared uplink per site", () => {
    const topology = parsed(made("fog"));
    const tierOf = (prefix: string) =>
      new Set(topology.nodes.filter(({ name }) => name.startsWith(prefix)).map(({ tier }) => tier));
    assert.deepEqual(tierOf("edge"), new Set(["edge"]));
    assert.deepEqual(tierOf("cloud"), new Set(["cloud"]));
    assert.equal(topology.nodes.filter(({ role }) => role === "generator").length, 3);
    assert.equal(
      topology.links.filter(({ endpoints }) => endpoints[1] === "core" && endpoints[0].startsWith("site"))
        .length,
      3,
    );
  });

  test("the same seed gives the same text, another seed other delays", () => {
    assert.equal(text(made("fog", {}, [], 5)), text(made("fog", {}, [], 5)));
    assert.notEqual(text(made("fog", {}, [], 5)), text(made("fog", {}, [], 6)));
  });

  test("no delay lies farther from its tier's than --spread allows", () => {
    const topology = parsed(
      made("fog", { "edge-delay": "10ms", spread: "30%", sites: "10", edge: "10" }, [], 3),
    );
    const delays = topology.links
      .filter(({ endpoints }) => endpoints[0].startsWith("edge"))
      .map(({ change }) => change.delayMs!);
    assert.equal(delays.length, 100);
    assert.ok(Math.min(...delays) >= 7 && Math.max(...delays) <= 13);
    assert.ok(Math.max(...delays) - Math.min(...delays) > 4, "the spread is used");
  });

  test("jitter of a tier without a delay is refused, since there is nothing to vary", () => {
    assert.match(
      refused(() => made("fog", { "edge-delay": "0ms" })),
      /--edge-jitter 1ms: --edge-delay is 0/,
    );
    parsed(made("fog", { "edge-delay": "0ms", "edge-jitter": "0ms" }));
  });

  test("a fog without cloud workers, fog workers or generators still parses", () => {
    parsed(made("fog", { cloud: "0", fog: "0", generators: "0", sites: "1", edge: "1" }));
  });
});

describe("cities", () => {
  test("Paris to New York is the great circle in fibre times the inflation plus both last miles", () => {
    const { pairs } = parsed(made("cities", { inflation: "2", "last-mile": "1ms" }, ["paris", "new-york"]));
    // 5837 km on the sphere at 199.86 km/ms is 29.2 ms.
    assert.ok(Math.abs(pairs[0]!.change.delayMs! - (2 * 29.21 + 2)) < 0.1, `${pairs[0]!.change.delayMs}`);
  });

  test("every city of the table can be used, at distinct places", () => {
    const names = cities
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => line.split("\t")[0]!);
    assert.equal(new Set(names).size, names.length);
    const { delays, document } = made("cities", { count: String(names.length) });
    assert.equal(Object.keys(document.nodes).length, names.length);
    const apart = delays!.rttMs.flatMap((row, from) => row.filter((_, to) => to !== from));
    assert.ok(apart.every((rtt) => rtt! > 4));
  });

  test("a draw of n cities depends on the seed alone", () => {
    assert.deepEqual(made("cities", { count: "9" }, [], 4), made("cities", { count: "9" }, [], 4));
    assert.notDeepEqual(made("cities", { count: "9" }, [], 4), made("cities", { count: "9" }, [], 5));
  });

  test("the matrix file holds what the pair rules hold", () => {
    const generated = made("cities", { count: "6" });
    const inline = parsed(generated);
    const document = withMatrixFile(generated.document, "cities.tsv");
    const yaml = renderTopology(document, { schema: "./s.json", comments: [], command: "test" });
    const { matrix } = parseTopology(yaml, "made.yaml", () => matrixText(generated.delays!), devices);
    assert.ok(matrix);
    for (const { from, to, change } of inline.pairs) {
      const [row, column] = [matrix.nodes.indexOf(from[0]!), matrix.nodes.indexOf(to[0]!)];
      assert.ok(Math.abs(matrix.oneWayMs[row]![column]! - change.delayMs!) <= 0.001);
    }
  });

  test("an unknown city, a city twice and one city alone are refused", () => {
    assert.match(
      refused(() => made("cities", {}, ["paris", "atlantis"])),
      /^atlantis: not a city of data\/cities.tsv\n {2}fix: one of: amsterdam/,
    );
    assert.match(
      refused(() => made("cities", {}, ["paris", "Paris"])),
      /named twice/,
    );
    assert.match(
      refused(() => made("cities", {}, ["paris"])),
      /at least two/,
    );
    assert.match(
      refused(() => made("cities", { count: "500" })),
      /--count 500: data\/cities.tsv has 65 cities/,
    );
  });

  test("more nodes than a person reads are not written as pair rules", () => {
    const { document, delays } = made("cities", { count: "61" });
    assert.match(
      refused(() => withPairRules(document, delays!)),
      /--out FILE/,
    );
  });
});

test("an unknown generator is refused with the known ones", () => {
  assert.match(
    refused(() => generatorNamed("ring")),
    /one of: star, tree, fog, cities, from-matrix, from-containerlab/,
  );
});

test("the head of a file names the schema, says what it is, and how to make it again", () => {
  const lines = text(made("star", { leaves: "2" })).split("\n");
  assert.deepEqual(lines.slice(0, 4), [
    "# yaml-language-server: $schema=./s.json",
    "# A star of 2 leaves; two leaves are 10ms apart, one-way.",
    "# generated by: test",
    "name: star-2",
  ]);
  assert.ok(lines.includes("  - { endpoints: [ leaf1, hub ], delay: 5ms }"));
});
