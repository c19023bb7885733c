import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { least, oneRun, read, refusalOf } from "./experiment-for-tests.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { loadExperiment } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-experiments-"));
after(() => rmSync(folder, { recursive: true }));

test("a name, a topology and a job are enough: all else has a default", async () => {
  const { runs, name } = await read(least());
  assert.equal(name, "e");
  assert.equal(runs.length, 1);
  const { topology, ...plan } = runs[0]!;
  assert.equal(topology.name, "e");
  assert.equal(topology.nodes.length, 7);
  assert.deepEqual(plan, {
    experiment: "e",
    run: "1",
    condition: "",
    parameters: {},
    repeat: 1,
    seed: 1,
    job: { use: "map", settings: {}, defaults: plan.job.defaults },
    operator: "map",
    load: { steps: [{ ratePerSecond: 1000, forMs: 180_000 }] },
    engine: {
      use: "brume",
      checkpoints: { everyMs: 10_000, store: "folder", mode: "aligned" },
      bufferBytes: 33_554_432,
      batchRows: 4096,
      flushMs: 100,
    },
    autoscaler: {
      model: "roofline",
      policy: "roofline",
      min: 1,
      max: 4,
      how: "savepoint",
      shares: "capacity",
      tickMs: 1000,
      dryRun: false,
      steps: [],
    },
    measure: { warmUpMs: 4000, saturateMs: 8000, holdMs: 8000, lagMsMax: 1000 },
    durationMs: 180_000,
  });
});

test("what a job's settings were left at is in the plan, and does not make it another run", async () => {
  const plan = await oneRun("job: { use: map, keys: 7 }\n");
  const { defaults, ...job } = plan.job;
  assert.equal(defaults?.work, "0us");
  assert.ok(!("keys" in defaults) && !("rate" in defaults) && "payload" in defaults);
  assert.equal(fingerprintOf(plan), fingerprintOf({ ...plan, job }));
});

test("plans survive JSON", async () => {
  const plan = await oneRun("sweep: { network: [{ to: w1, delay: 5ms, jitter: 1ms }] }\n");
  assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
});

test("runs are named by condition and repeat, and a repeat takes the next seed, also for the network", async () => {
  const { runs } = await read(
    least("seed: 7\nrepeat: 2\nsweep: { network: [none, { to: w1, delay: 5ms }] }\n"),
  );
  assert.deepEqual(
    runs.map(({ run, seed, topology }) => [run, seed, topology.seed]),
    [
      ["none.1", 7, 7],
      ["none.2", 8, 8],
      ["to-w1-5ms.1", 7, 7],
      ["to-w1-5ms.2", 8, 8],
    ],
  );
});

test("network rules stand in place of the topology's pairs: none is none, topology keeps them", async () => {
  const delays = async (network: string) =>
    (await oneRun(`network: ${network}\n`)).topology.pairs.map(({ to, change }) => [to, change.delayMs]);
  assert.deepEqual(await delays("topology"), [[["w3", "w4"], 25]]);
  assert.deepEqual(await delays("none"), []);
  assert.deepEqual(await delays("{ to: w1, delay: 5ms }"), [[["w1"], 5]]);
  assert.deepEqual(await delays("[{ to: w1, delay: 5ms }, { to: w2, delay: 6ms }]"), [
    [["w1"], 5],
    [["w2"], 6],
  ]);
});

test("files are relative to the file that names them: the topology's, a load's, a rule's", async () => {
  const plan = await oneRun(
    "load: { trace: { file: ../rates.csv, scale: 2 } }\nnetwork: { to: w1, delay: 9ms, jitter: { trace: rtt.txt } }\n",
    { "rates.csv": "0,10\n5,20\n", "folder/rtt.txt": "1\n2\n3\n" },
  );
  assert.deepEqual(plan.load.steps, [
    { ratePerSecond: 20, forMs: 5000 },
    { ratePerSecond: 40, forMs: 5000 },
  ]);
  assert.equal(plan.durationMs, 10_000);
  assert.equal(plan.topology.pairs[0]?.change.jitter?.distribution, "trace");
});

test("a topology may stand in the experiment itself, without a name", async () => {
  const inline = `name: e
topology: { nodes: { g: { role: generator }, "w[1-2]": } }
job: { use: map }
`;
  const { runs } = await read(inline);
  assert.equal(runs[0]!.autoscaler.max, 2);
  assert.equal(
    await refusalOf(inline.replace("w[1-2]", "w[1-")),
    'folder/e.yaml:2:46: "w[1-" is not a pattern of names\n  fix: write names (letters, digits, hyphens), *, and brackets of numbers such as dsp[1-10] or dsp[1,3,7-9]',
  );
});

test("steps of a load set the duration; one that is given cuts the last or lets it last", async () => {
  const steps = "load: { steps: [{ rate: 1k/s, for: 10s }, { rate: 2k/s, for: 20s }] }\n";
  assert.equal((await oneRun(steps)).durationMs, 30_000);
  assert.equal((await oneRun(`${steps}duration: 60s\n`)).load.steps[1]!.forMs, 50_000);
  assert.equal((await oneRun(steps.replace(", for: 20s", ""))).durationMs, 180_000);
});

test("a policy brings its own model and shares unless told otherwise; rescale is roofline", async () => {
  const found = async (autoscaler: string) => {
    const { policy, model, shares } = (await oneRun(`autoscaler: { ${autoscaler} }\n`)).autoscaler;
    return [policy, model, shares];
  };
  assert.deepEqual(await found("policy: rescale"), ["roofline", "roofline", "capacity"]);
  assert.deepEqual(await found("policy: gesscale"), ["gesscale", "gesscale", "even"]);
  assert.deepEqual(await found("policy: flink"), ["flink", "flink", "even"]);
  assert.deepEqual(await found("policy: threshold"), ["threshold", "roofline", "even"]);
  assert.deepEqual(await found("policy: ladder, shares: capacity, model: ds2"), [
    "ladder",
    "ds2",
    "capacity",
  ]);
});

test("a job's file is found beside the experiment, with its settings and the digest of its text", async () => {
  const engine = (path: string) => JSON.stringify(new URL(`../../engine/${path}`, import.meta.url).href);
  const job = `import { defineJob } from ${engine("dataflow/job.ts")};
import { generatedSource } from ${engine("sources/generated.ts")};
import { discardSink } from ${engine("sinks/discard.ts")};
export default defineJob({ name: "own", summary: "s", settings: { many: { kind: "count", default: "5", help: "h" } },
  build(flow, { many }) {
    const counted = flow.source(generatedSource({ keys: many })).keyBy("key")
      .withColumn("count", "integer", { state: ["n"], reads: [] }, (_row, key) => (key.n += 1)).id("counter");
    counted.sink(discardSink()).id("out");
  } });
`;
  const experiment = `name: own
topology: { nodes: { g: { role: generator }, w: } }
job: { use: ./own.ts, many: 1k }
`;
  writeFileSync(join(folder, "own.ts"), job);
  writeFileSync(join(folder, "own.yaml"), experiment);
  writeFileSync(join(folder, "bad.yaml"), experiment.replace("many", "mnay"));
  const { runs } = await loadExperiment(join(folder, "own.yaml"));
  assert.equal(runs[0]!.operator, "counter");
  assert.equal(runs[0]!.job.use, join(folder, "own.ts"));
  assert.match(runs[0]!.job.digest!, /^[0-9a-f]{64}$/);
  await assert.rejects(loadExperiment(join(folder, "bad.yaml")), {
    message: `${join(folder, "bad.yaml")}:3:23: job own has no setting "mnay"\n  fix: did you mean many? (it has: many)`,
    exitStatus: 2,
  });
});

test("a file that is not there is refused with what to name instead", async () => {
  await assert.rejects(loadExperiment(join(folder, "gone.yaml")), {
    name: "ExperimentError",
    message: `${join(folder, "gone.yaml")}:1:1: cannot be read: there is no such file\n  fix: name an experiment file, such as experiments/small/demo.yaml`,
  });
});
