import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Findings } from "#testbed/topology/findings.ts";
import { mistakeText } from "#testbed/topology/topology-error.ts";
import { plainValue, readYaml } from "#testbed/topology/yaml-tree.ts";
import { conditionsOf } from "./conditions.ts";

function read(text: string) {
  const tree = readYaml(text, "e.yaml");
  const findings = new Findings(tree);
  const conditions = conditionsOf(tree, findings);
  return { conditions, mistakes: findings.mistakes.map(mistakeText) };
}

const namesOf = (text: string): string[] => read(text).conditions.map(({ name }) => name);

test("without a sweep there is one condition without a name", () => {
  const { conditions, mistakes } = read("name: x\n");
  assert.deepEqual(mistakes, []);
  assert.deepEqual(
    conditions.map(({ name, parameters }) => ({ name, parameters })),
    [{ name: "", parameters: {} }],
  );
});

test("network conditions are named by what their rules say, safe for file names", () => {
  const text = `sweep:
  network:
    - none
    - { to: "dsp[6-10]", delay: 25ms }
    - { to: "dsp[6-10]", delay: 25ms, jitter: 10ms }
    - [{ from: "*", to: dsp1, loss: 0.1% }, { to: dsp2, rate: 10Mbit/s }]
    - { name: far, to: "dsp*", delay: 50ms }
`;
  assert.deepEqual(namesOf(text), [
    "none",
    "to-dsp6-10-25ms",
    "to-dsp6-10-25ms-10ms",
    "from-all-to-dsp1-loss-0.1pct-and-to-dsp2-rate-10Mbit",
    "far",
  ]);
});

test("values are named by the last key of their path; mappings may bring a name", () => {
  assert.deepEqual(namesOf("sweep: { job.window: [tumbling 5s, sliding 10s 5s], load.rate: [1k/s] }"), [
    "window-tumbling-5s_rate-1k",
    "window-sliding-10s-5s_rate-1k",
  ]);
  assert.deepEqual(
    namesOf("sweep: { load: [{ name: calm, rate: 5/s }], job.keys: [{ name: few, value: 10 }] }"),
    ["calm_few"],
  );
  assert.deepEqual(namesOf("sweep: { topology: [../a/fog.yaml], job.use: [./my-job.ts] }"), [
    "topology-fog_use-my-job",
  ]);
});

test("a sweep is every combination, each once, with names that differ and are fit for files", () => {
  const word = fc.string({ minLength: 1, maxLength: 90 });
  const axes = fc.uniqueArray(fc.uniqueArray(word, { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(axes, (lists) => {
      const keys = ["job.a", "job.b", "engine.c"];
      const sweep = Object.fromEntries(lists.map((list, index) => [keys[index]!, list]));
      const { conditions, mistakes } = read(JSON.stringify({ sweep }));
      assert.deepEqual(mistakes, []);
      assert.equal(
        conditions.length,
        lists.reduce((product, list) => product * list.length, 1),
      );
      const names = conditions.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
      assert.ok(
        names.every((name) => /^[\w.-]{1,220}$/.test(name)),
        names.join("\n"),
      );
      assert.equal(
        new Set(conditions.map(({ parameters }) => JSON.stringify(parameters))).size,
        names.length,
      );
    }),
  );
});

test("a swept value stands in its condition's tree as if it had been written there; sections keep their other keys", () => {
  const text = `load: { rate: 5/s }
engine: { use: brume, checkpoints: { every: 10s, store: minio } }
sweep:
  engine.checkpoints.every: [30s]
  engine.checkpoints: [{ mode: unaligned }]
  load: [{ sine: { mean: 5/s } }]
  autoscaler.policy: [flink]
`;
  const { load, engine, autoscaler } = plainValue(read(text).conditions[0]!.tree) as Record<string, unknown>;
  assert.deepEqual(load, { sine: { mean: "5/s" } });
  assert.deepEqual(engine, {
    use: "brume",
    checkpoints: { every: "30s", store: "minio", mode: "unaligned" },
  });
  assert.deepEqual(autoscaler, { policy: "flink" });
});

test("parameters are what the sweep set, as it was written", () => {
  const { conditions } = read(
    'sweep: { network: [{ name: far, to: "a[1-2]", delay: 25ms }], job.keys: [5k] }',
  );
  assert.deepEqual(conditions[0]!.parameters, { network: { to: "a[1-2]", delay: "25ms" }, "job.keys": "5k" });
});

for (const [text, mistake] of [
  [
    "sweep: { network: none }",
    "e.yaml:1:19: network: must be a list of values\n  fix: for example network: [none, …]",
  ],
  [
    "sweep: { job.keys: [] }",
    "e.yaml:1:20: job.keys: must be a list of values\n  fix: for example job.keys: […, …]",
  ],
  [
    "sweep: { name: [a, b] }",
    "e.yaml:1:10: name cannot be swept\n  fix: for example network, job.window or load.rate",
  ],
  [
    "sweep: { job..keys: [5] }",
    'e.yaml:1:10: "job..keys" is no path\n  fix: for example network, job.window or load.rate',
  ],
  [
    "sweep: { job.keys: [5, 6, 5] }",
    "e.yaml:1:27: job.keys: the same as item 1\n  fix: sweep each value once; repeat runs it again",
  ],
  [
    "sweep: { network: [{ name: a/b, delay: 1ms }] }",
    'e.yaml:1:28: name: "a/b" cannot name a condition\n  fix: letters, digits, - and _, at most 60',
  ],
] as const) {
  test(`a sweep is refused: ${text}`, () => assert.deepEqual(read(text).mistakes, [mistake]));
}

test("a sweep of more conditions than anybody waits for is refused", () => {
  const values = Array.from({ length: 50 }, (_, index) => index).join(", ");
  assert.match(
    read(`sweep: { job.a: [${values}], job.b: [${values}] }`).mistakes[0]!,
    /comes to 2500 conditions/,
  );
});
