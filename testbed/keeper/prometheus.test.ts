import assert from "node:assert/strict";
import { test } from "node:test";
import { counterNames } from "#testbed/network/wire/counters.ts";
import { statisticsMemory, WireStatistics } from "#testbed/network/wire/statistics.ts";
import { metricsText } from "./prometheus.ts";
import type { KeeperStatus, PairReport } from "./protocol.ts";

const status: KeeperStatus = {
  pid: 1,
  fabric: { kind: "wire", because: "" },
  wire: { ...new WireStatistics(statisticsMemory()).report(), latenessMaxNs: 12.5 },
  nodes: [
    { name: "a", number: 0, state: "running" },
    { name: "b", number: 1, state: "down" },
  ],
  impairments: [],
  timeline: { done: 0, planned: 0, lateMsMax: 0 },
};
const counters = Object.fromEntries(counterNames.map((name, index) => [name, index + 1]));
const pair = { from: "a", to: "b", ...counters } as PairReport;

type Sample = { name: string; labels: Record<string, string>; value: number };

/** Strict about what the format says of each line. */
function parse(text: string): { types: Map<string, string>; samples: Sample[] } {
  assert.ok(text.endsWith("\n"));
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.trimEnd().split("\n")) {
    const type = /^# TYPE ([a-z_]+) (counter|gauge)$/.exec(line);
    if (type) {
      assert.ok(!types.has(type[1]!), `${type[1]} has one type`);
      types.set(type[1]!, type[2]!);
      continue;
    }
    const sample = /^([a-z_]+)\{((?:[a-z]+="(?:[^"\\]|\\.)*",?)*)\} (\S+)$/.exec(line);
    assert.ok(sample, line);
    assert.equal([...types.keys()].at(-1), sample[1], "the samples of a metric follow its type");
    const labels = [...sample[2]!.matchAll(/([a-z]+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [
      key,
      value!.replace(/\\(.)/g, "$1"),
    ]);
    assert.ok(Number.isFinite(Number(sample[3])), line);
    samples.push({ name: sample[1]!, labels: Object.fromEntries(labels), value: Number(sample[3]) });
  }
  return { types, samples };
}

test("every counter of a pair is there with its value and both names; what only grows ends in _total", () => {
  const { types, samples } = parse(metricsText("fog", status, [pair]));
  for (const [index, name] of counterNames.entries()) {
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const found = samples.filter(
      (sample) => sample.name.startsWith(`brume_pair_${snake}`) && sample.value === index + 1,
    );
    assert.equal(found.length, 1, name);
    assert.deepEqual(found[0]!.labels, { lab: "fog", from: "a", to: "b" });
    assert.equal(found[0]!.name.endsWith("_total"), types.get(found[0]!.name) === "counter");
  }
  assert.equal(types.get("brume_pair_queued_bytes"), "gauge");
  assert.equal(types.get("brume_pair_delay_max_ns"), "gauge");
});

test("only a running node is up", () => {
  const { samples } = parse(metricsText("fog", status, []));
  const up = samples
    .filter(({ name }) => name === "brume_node_up")
    .map(({ labels, value }) => [labels.node, value]);
  assert.deepEqual(up, [
    ["a", 1],
    ["b", 0],
  ]);
});

test("a lab that was late says so, and one that was not does as well", () => {
  const late = (change: Partial<KeeperStatus>) =>
    parse(metricsText("fog", { ...status, ...change }, [])).samples.find(
      ({ name }) => name === "brume_lab_late",
    )?.value;
  assert.equal(late({}), 0);
  assert.equal(late({ late: "3 packets" }), 1);
});

test("a lab without a wire has no figures of one", () => {
  const { wire: _, ...without } = status;
  assert.ok(!metricsText("fog", without, []).includes("brume_wire"));
  assert.match(metricsText("fog", status, []), /brume_wire_lateness_max_ns\{lab="fog"\} 12\.5/);
});

test("quotes, backslashes and line ends in a lab's name survive", () => {
  const { samples } = parse(metricsText('a "b" \\c', status, []));
  assert.ok(samples.every(({ labels }) => labels.lab === 'a "b" \\c'));
  assert.equal(metricsText("two\nlines", status, []).includes("two\nlines"), false);
});
