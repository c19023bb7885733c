/** What a person reads who got something wrong: the whole message, with place and remedy. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { least, refusalOf } from "./experiment-for-tests.ts";

const settings = "keys, skew, payload";

const cases: readonly (readonly [claim: string, text: string, message: string | RegExp])[] = [
  [
    "all mistakes of a file's form are told at once",
    "nme: e\ntopology: lab.yaml\njob: { keys: 5 }\nload: { rate: 5 }\nengine: { checkpoints: { mode: algned } }\n",
    `folder/e.yaml:1:1: name: is missing
  fix: add it, for example v1-join
folder/e.yaml:1:1: unknown key "nme" in an experiment
  fix: did you mean name?
folder/e.yaml:3:6: use: is missing
  fix: add it, for example map
folder/e.yaml:4:15: rate: "5" has no unit
  fix: write 5/s
folder/e.yaml:5:32: mode: "algned" is none of its values
  fix: did you mean aligned? (one of: aligned, unaligned)`,
  ],
  [
    "and so are all of its sense",
    least(
      "job: { use: map, keys: 5q, rate: 5/s }\nautoscaler: { max: 9, how: live, operator: mpa }\nengine: { use: flink }\n" +
        "load: { rate: 5/s, ramp: { from: 1/s, to: 2/s, over: 5s } }\nsweep: { network: [none, { to: w9, delay: 1ms }, { to: w1, dealy: 1ms }] }\n",
    ),
    `folder/e.yaml:3:24: keys: "5q" is not a count: there is no unit "q"
  fix: write it like 1500, 50k or 20M
folder/e.yaml:3:28: rate: is set by the experiment's run
  fix: write it as load: { rate: 50k/s }
folder/e.yaml:4:20: max: the topology has 4 worker nodes, each with one slot
  fix: write at most 4, or add nodes
folder/e.yaml:4:28: how: no engine here rescales without stopping yet
  fix: write how: savepoint, or leave it out
folder/e.yaml:5:16: use: there is no adapter for flink in this version
  fix: write use: brume, or leave it out
folder/e.yaml:6:7: load: rate and ramp exclude each other
  fix: keep one of rate, steps, ramp, spike, sine, trace
folder/e.yaml:7:32: pattern "w9" matches no node
  fix: did you mean w1?
folder/e.yaml:7:60: unknown key "dealy" in a pair rule
  fix: did you mean delay?`,
  ],
  [
    "an unknown setting is answered by those that there are",
    least("job: { use: map, windw: 5s }\n"),
    new RegExp(`^folder/e.yaml:3:18: job map has no setting "windw"\n  fix: .*it has: ${settings}`),
  ],
  [
    "a setting that only the whole job refuses is found by its name",
    least("job: { use: windowed-join, window: tumbling }\n"),
    'folder/e.yaml:3:36: window "tumbling": not a window\n  fix: `tumbling 5s`, or `sliding 10s 5s`',
  ],
  [
    "a setting that an operator refuses is found, though the refusal does not name it",
    least("job: { use: windowed-join, payload: 5B, window: tumbling 5 }\n"),
    'folder/e.yaml:3:49: window: "5" is not a duration: it has no unit\n  fix: write it like 10s, 250ms, 20us or 5m',
  ],
  [
    "a setting that a source refuses",
    least("job: { use: map, keys: 0 }\n"),
    "folder/e.yaml:3:24: generated source: keys is 0\n  fix: a whole number from 1 to 2^31 - 1",
  ],
  ...["", "autoscaler: { operator: any }\n"].map(
    (more) =>
      [
        `a job with nothing to scale${more && ", whatever is to be scaled"}`,
        least(`job: { use: nexmark-q2 }\n${more}`),
        "folder/e.yaml:3:13: use: job nexmark-q2 has no operator by key, so that there is nothing to scale\n  fix: choose another job, such as map or windowed-join",
      ] as const,
  ),
  [
    "a job that there is not is answered by those that there are",
    least("job: { use: mop }\n"),
    /^folder\/e.yaml:3:13: there is no job "mop"\n {2}fix: one of: map, windowed-join/,
  ],
  [
    "a job's file that is not there",
    least("job: { use: ./no-such.ts }\n"),
    /^folder\/e.yaml:3:13: there is no file \/.*\/folder\/no-such.ts\n/,
  ],
  [
    "an operator that the job does not have",
    least("autoscaler: { operator: mpa }\n"),
    'folder/e.yaml:4:25: operator: job map has no operator "mpa" that can be scaled\n  fix: did you mean map? (one of: map, results)',
  ],
  [
    "which of several operators by key is scaled has to be said",
    least("job: { use: nexmark-q4 }\n"),
    /operator: is missing, and job nexmark-q4 has several by key\n {2}fix: one of: \S+, \S+/,
  ],
  [
    "a topology that is missing",
    "name: e\njob: { use: map }\n",
    "folder/e.yaml:1:1: topology: is missing\n  fix: add it, for example topology: ../topologies/fog-15.yaml",
  ],
  [
    "a topology's file that is not there",
    "name: e\ntopology: no.yaml\njob: { use: map }\n",
    'folder/e.yaml:2:11: cannot read topology "no.yaml": there is no such file\n  fix: names are relative to the file they stand in: put it at folder/no.yaml',
  ],
  [
    "a topology that is a folder",
    "name: e\ntopology: .\njob: { use: map }\n",
    'folder/e.yaml:2:11: cannot read topology ".": it is a folder\n  fix: names are relative to the file they stand in: name a file in it',
  ],
  [
    "a trace that is a folder, and one that is not there",
    least("sweep: { load.trace.file: [., no.csv] }\n"),
    `folder/e.yaml:4:28: cannot read trace file ".": it is a folder
  fix: name a file in it
folder/e.yaml:4:31: cannot read trace file "no.csv": there is no such file
  fix: put it at folder/no.csv`,
  ],
  [
    "a topology without the nodes that an experiment needs",
    "name: e\ntopology: { nodes: { a: , b: } }\njob: { use: map }\n",
    "folder/e.yaml:2:11: topology: has no node of role generator\n  fix: give one `role: generator`",
  ],
  [
    "a word that is no rule of a network",
    least("network: nome\n"),
    'folder/e.yaml:4:10: network: "nome" is no rule\n  fix: write none, topology, or rules such as { to: "dsp[6-10]", delay: 25ms }',
  ],
  [
    "a jitter that its rule's delay cannot have, in the condition that has it",
    least("sweep: { network: [none, { to: w1, delay: 5ms, jitter: 9ms }] }\n"),
    "folder/e.yaml:4:56: jitter: 9ms is more than the delay of 5ms\n  fix: a delay varies by at most itself: lower the jitter, or raise the delay above 9ms",
  ],
  [
    "a swept key that there is not, at the sweep's key",
    least("sweep: { autoscaler.polcy: [flink] }\n"),
    'folder/e.yaml:4:10: unknown key "polcy" in an autoscaler\n  fix: did you mean policy?',
  ],
  [
    "a swept setting that the job does not have",
    least("sweep: { job.kyes: [5, 6] }\n"),
    /^folder\/e.yaml:4:10: job map has no setting "kyes"\n {2}fix: did you mean keys\? .*$/,
  ],
  [
    "a sine that would go below zero",
    least("load: { sine: { mean: 5/s, amplitude: 6/s, period: 10s } }\n"),
    "folder/e.yaml:4:39: amplitude: more than the mean, so that the rate would fall below 0\n  fix: write at most 5/s",
  ],
  [
    "a spike after the end",
    least("load: { spike: { base: 1/s, peak: 5/s, at: 5m, for: 10s } }\n"),
    "folder/e.yaml:4:44: at: the spike would begin after the run's 180s\n  fix: begin earlier, or lengthen duration",
  ],
  [
    "a step before the last without an end",
    least("load: { steps: [{ rate: 1/s }, { rate: 2/s }] }\n"),
    "folder/e.yaml:4:17: for: is missing; only the last step may last to the end\n  fix: add it, for example for: 30s",
  ],
  [
    "a rate of bits",
    least("load: { rate: 5Mbit/s }\n"),
    'folder/e.yaml:4:15: rate: "5Mbit/s" is a rate of bits or bytes\n  fix: write records per second, such as 50k/s',
  ],
  [
    "a trace's mistake, in the trace",
    least("load: { trace: { file: lab.yaml } }\n"),
    /^folder\/lab.yaml:2:1: "nodes: .* is not a second and a rate\n/,
  ],
  [
    "a store that is none",
    least("engine: { checkpoints: { store: s3 } }\n"),
    'folder/e.yaml:4:33: store: "s3" is no store\n  fix: write folder, minio, folder:DIR, or minio:BUCKET/PREFIX',
  ],
  [
    "measuring and manual steps that no condition's policy would use",
    least("measure: { hold: 5s }\nautoscaler: { steps: [{ at: 5s, parallelism: 2 }] }\n"),
    `folder/e.yaml:4:1: measure: only policy ladder measures, and no condition has it
  fix: write autoscaler: { policy: ladder }, or remove it
folder/e.yaml:5:15: steps: only policy manual takes them, and no condition has it
  fix: write policy: manual, or remove them`,
  ],
  [
    "manual steps out of order and out of bounds",
    least(
      "autoscaler: { policy: manual, max: 3, steps: [{ at: 9s, parallelism: 2 }, { at: 5s, parallelism: 4 }] }\n",
    ),
    `folder/e.yaml:4:81: at: not after the step before
  fix: sort steps by their time
folder/e.yaml:4:98: parallelism: 4 is not from min 1 to max 3
  fix: change it, or the bounds`,
  ],
  [
    "a manual step that the run does not last to",
    least("duration: 1m\nautoscaler: { policy: manual, steps: [{ at: 60s, parallelism: 2 }] }\n"),
    "folder/e.yaml:5:45: at: the step would come after the run's 60s\n  fix: rescale earlier, or lengthen duration",
  ],
  [
    "a duration whose curve would not fit into memory",
    least("load: { sine: { mean: 5/s, amplitude: 1/s, period: 3s } }\nduration: 4000000h\n"),
    "folder/e.yaml:5:11: duration: more than a week\n  fix: write at most 168h",
  ],
  [
    "a name that cannot be one, once, though a topology without a name of its own is called after it",
    "name: ../e\ntopology: { nodes: { w1:, gen1: { role: generator } } }\njob: { use: map }\n",
    'folder/e.yaml:1:7: name: "../e" cannot name a lab\n  fix: letters, digits and hyphens, at most 63, not - at the ends',
  ],
  [
    "a tick that nobody could keep",
    least("autoscaler: { tick: 1us }\n"),
    "folder/e.yaml:4:21: tick: less than 100ms\n  fix: write 100ms or more",
  ],
  ...["gesscale", "flink", "threshold"].map(
    (policy) =>
      [
        `shares by capacity of policy ${policy}, which does not know them`,
        least(`autoscaler: { shares: capacity, policy: ${policy} }\n`),
        `folder/e.yaml:4:23: shares: policy ${policy} shares keys evenly and takes no other shares\n  fix: remove it, or choose policy roofline, manual or ladder`,
      ] as const,
  ),
  [
    "swept shares that one of the swept policies does not know",
    least("sweep: { autoscaler.policy: [ladder, flink], autoscaler.shares: [even, capacity] }\n"),
    /^folder\/e.yaml:4:72: shares: policy flink shares keys evenly.*\n.*$/,
  ],
  [
    "text that is not YAML, with where to read about experiments",
    "name: e\n\ttopology: x\n",
    "folder/e.yaml:2:1: a tab is used as indentation\n  fix: indent with spaces",
  ],
  [
    "an empty file",
    "",
    "folder/e.yaml:1:1: the file is empty\n  fix: start from experiments/small/demo.yaml",
  ],
];

for (const [claim, text, message] of cases) {
  test(`refused: ${claim}`, async () => {
    const found = await refusalOf(text);
    if (typeof message === "string") assert.equal(found, message);
    else assert.match(found, message);
  });
}
