import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { experimentJsonSchema } from "#lab/experiment/schema.ts";
import { topologyJsonSchema } from "#testbed/topology/schema.ts";
import { parseArguments } from "./arguments.ts";
import { validate } from "./validate.ts";

type Verdict = { valid: boolean; summary?: { delayMs: unknown }; mistakes?: unknown };

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "brume-validate-"));
});
after(async () => {
  await rm(folder, { recursive: true });
});

async function run(words: readonly string[], json = false) {
  const printed: { document: unknown; text: string }[] = [];
  const progress: string[] = [];
  const status = await validate.run(parseArguments(validate, words), {
    json,
    progress: (line) => progress.push(line),
    result: (document, text) => printed.push({ document, text }),
  });
  assert.equal(printed.length, 1);
  return { status, progress: progress.join("\n"), ...printed[0]! };
}

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

const good = `name: lab
nodes: { gen: { role: generator }, "w[1-3]": , s: { role: switch } }
network:
  access: { gen: 10Mbit/s }
  pairs:
    - { from: "*", to: "*", delay: 5ms }
    - { to: w3, delay: 25ms, jitter: 5ms, loss: 1% }
    - { from: w1, to: w2, cut: true }
links:
  - { endpoints: [gen, s], delay: 1ms }
  - { endpoints: [w1, s], delay: 1ms, rate: 2Mbit/s }
events:
  - { at: 10s, node: w1, do: pause, for: 5s }
`;

test("a valid file is described by its nodes, pairs, delays, rates and events", async () => {
  const path = await file("good.yaml", good);
  const { status, text, progress } = await run([path]);
  assert.equal(status, 0);
  assert.equal(progress, "");
  assert.equal(
    text,
    `${path}: valid, lab
  nodes     4: 1 generator, 3 worker; 4 netns
  devices   4 none
  fabric    auto, MTU 1500 bytes
  links     2, over 1 switch
  pairs     12 ordered, 3 distinct sets of conditions
  one-way   delay 5 ms to 25 ms, jitter on 3 pairs, loss on 3 pairs, 1 pair cut
  rates     2 Mbit/s to 10 Mbit/s, 4 shared between pairs
  events    1, over after 15 s`,
  );
});

test("mistakes go to stderr and end with status 2, beside the files that are valid", async () => {
  const [fine, wrong] = [await file("good.yaml", good), await file("bad.yaml", "name: x\nnodse: { a: }\n")];
  const { status, text, progress } = await run([wrong, fine]);
  assert.equal(status, 2);
  assert.match(text, /good\.yaml: valid/);
  assert.equal(
    progress,
    `${wrong}:1:1: nodes: is missing
  fix: add it, for example edge[1-3]: { role: worker }
${wrong}:2:1: unknown key "nodse" in a topology
  fix: did you mean nodes?`,
  );
});

test("as JSON each file has a verdict, with a summary or with the mistakes and their places", async () => {
  const [fine, wrong] = [
    await file("good.yaml", good),
    await file("bad.yaml", "name: x\nnodes: { a: { rol: b } }\n"),
  ];
  const { status, document, progress } = await run([fine, wrong], true);
  assert.equal(status, 2);
  assert.equal(progress, "");
  const { valid, files } = document as {
    valid: boolean;
    files: Verdict[];
  };
  assert.equal(valid, false);
  assert.deepEqual(
    files.map((verdict) => verdict.valid),
    [true, false],
  );
  assert.deepEqual(files[0]?.summary?.delayMs, { least: 5, most: 25 });
  assert.deepEqual(files[1]?.mistakes, [
    {
      fault: "unknown-key",
      place: { file: wrong, line: 2, column: 15 },
      what: 'unknown key "rol" in a node',
      fix: "did you mean role?",
    },
  ]);
});

test("--schema prints the JSON Schema of topologies and needs no file", async () => {
  const { status, document, text } = await run(["--schema"]);
  assert.equal(status, 0);
  assert.deepEqual(document, topologyJsonSchema());
  assert.deepEqual(JSON.parse(text), document);
});

test("without a file the usage is wrong", async () => {
  await assert.rejects(run([]), { code: "usage", exitStatus: 2 });
});

test("an experiment is told from a topology, and described by its runs", async () => {
  const topology = await file("lab.yaml", good);
  const experiment = await file(
    "experiment.yaml",
    `name: e\ntopology: ${topology}\njob: { use: map }\nsweep: { job.keys: [5, 6] }\nrepeat: 2\nduration: 1m\n`,
  );
  const { status, text } = await run([experiment]);
  assert.equal(status, 0);
  assert.equal(
    text,
    `${experiment}: valid, experiment e
  job       map, operator map at 1 to 3
  nodes     3 workers, 1 generators
  load      1000/s from each source
  policy    roofline, by model roofline
  saves     every 10 s to folder, aligned
  runs      4, 4 min of measuring
    keys-5 × 2
    keys-6 × 2`,
  );
});

test("a mistake in an experiment has its place, as JSON too", async () => {
  const wrong = await file("wrong.yaml", "name: e\ntopology: no.yaml\njob: { use: mop }\n");
  const { status, document } = await run([wrong], true);
  assert.equal(status, 2);
  const [{ mistakes } = { mistakes: [] }] = (document as { files: Verdict[] }).files;
  const places = (mistakes as { place: { line: number; column: number } }[]).map(({ place }) => place);
  assert.deepEqual(
    places.map(({ line, column }) => [line, column]),
    [
      [2, 11],
      [3, 13],
    ],
  );
});

test("--schema experiment prints that of experiments; another kind is wrong usage", async () => {
  assert.deepEqual((await run(["--schema", "experiment"])).document, experimentJsonSchema());
  await assert.rejects(run(["--schema", "job"]), { code: "usage", exitStatus: 2 });
});

test("a file that can be read only once, such as a pipe, is valid too, an experiment as well", async () => {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const line = 'cat "$1" | "$2" "$3" validate /dev/stdin';
  const piped = (path: string) =>
    spawnSync("sh", ["-c", line, "sh", path, process.execPath, main], { encoding: "utf8" });
  assert.match(piped(await file("piped.yaml", good)).stdout, /^\/dev\/stdin: valid, lab/);
  const experiment = fileURLToPath(new URL("../experiments/small/demo.yaml", import.meta.url));
  assert.match(piped(experiment).stdout, /^\/dev\/stdin: valid, experiment demo/);
});

test("a name that no file can have is a file that cannot be read", async () => {
  const { status, progress } = await run(["x".repeat(300)]);
  assert.equal(status, 2);
  assert.match(progress, /^x+:1:1: cannot be read: its name is too long\n {2}fix: /);
});
