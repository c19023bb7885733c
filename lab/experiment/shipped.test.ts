import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import * as z from "zod";
import { makePolicy } from "#autoscaler/policies/registry.ts";
import { keysOfMapping } from "#testbed/topology/schema-parts.ts";
import { policyNames } from "./experiment.ts";
import { read } from "./experiment-for-tests.ts";
import { loadExperiment } from "./load.ts";
import { evenOnly } from "./read-engine.ts";
import { experimentJsonSchema } from "./schema.ts";

const folder = new URL("../../experiments/", import.meta.url);
const yamlIn = (path: string) =>
  readdirSync(new URL(path, folder))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => `${path}${name}`);
const shipped = [...yamlIn("./"), ...yamlIn("small/")];
const reference = readFileSync(new URL("../docs/experiments.md", folder), "utf8");
const textOf = (name: string) => readFileSync(new URL(name, folder), "utf8");

test("every experiment that ships is valid", async () => {
  assert.ok(shipped.length >= 10);
  for (const name of shipped) {
    const { runs } = await loadExperiment(fileURLToPath(new URL(name, folder)));
    assert.ok(runs.length > 0, name);
  }
});

test("shares are refused of the policies that make no use of them, and of no others", () => {
  for (const name of policyNames) {
    let isAsked = false;
    makePolicy(name, {
      steps: [],
      get shares() {
        isAsked = true;
        return "even" as const;
      },
    });
    assert.equal(evenOnly.has(name), !isAsked, name);
  }
});

test("no two experiments that ship share a name, and so a lab or a folder of runs", () => {
  const names = shipped.map((name) => (parse(textOf(name)) as { name: string }).name);
  assert.equal(new Set(names).size, names.length);
});

test("what npm start runs lasts a minute at most, so that all of it stays below a minute and a half", async () => {
  const { runs } = await loadExperiment(fileURLToPath(new URL("small/demo.yaml", folder)));
  assert.ok(runs.length === 1 && runs[0]!.durationMs <= 60_000);
});

test("experiments/experiment.schema.json is what the schema makes", () => {
  const written: unknown = JSON.parse(textOf("experiment.schema.json"));
  const remedy =
    "bring it up to date with: ./brume validate --schema experiment > experiments/experiment.schema.json";
  assert.deepEqual(written, experimentJsonSchema(), remedy);
});

test("every experiment that ships satisfies the JSON Schema that editors check it with, and names it", () => {
  // What it says of the topology is in another file, which this reader does not follow.
  const { properties, ...rest } = experimentJsonSchema() as { properties: Record<string, unknown> };
  const local = { ...rest, properties: { ...properties, topology: {}, network: {} } };
  const schema = z.fromJSONSchema(local as Parameters<typeof z.fromJSONSchema>[0]);
  for (const name of shipped) {
    const { error } = schema.safeParse(parse(textOf(name)));
    assert.equal(error, undefined, `${name}: ${error?.message}`);
    const path = name.startsWith("small/") ? "../" : "./";
    assert.equal(
      textOf(name).split("\n")[0],
      `# yaml-language-server: $schema=${path}experiment.schema.json`,
      name,
    );
  }
});

test("the JSON Schema refers to places that the topologies' schema has", () => {
  const topology: unknown = JSON.parse(
    readFileSync(new URL("../topologies/topology.schema.json", folder), "utf8"),
  );
  const references = [...JSON.stringify(experimentJsonSchema()).matchAll(/"\$ref":"([^"]+)"/g)].map(
    ([, to]) => to!,
  );
  assert.ok(references.length >= 2);
  for (const reference of references) {
    const [file, pointer = ""] = reference.split("#");
    assert.equal(file, "../topologies/topology.schema.json");
    const steps = pointer.split("/").slice(1);
    const found = steps.reduce<unknown>(
      (at, step) => (at as Record<string, unknown> | undefined)?.[step],
      topology,
    );
    assert.ok(found, reference);
  }
});

test("docs/experiments.md names every key of the format, and every file that ships", () => {
  const names = [
    "an experiment",
    "a load",
    "an engine",
    "checkpoints",
    "an autoscaler",
    "a measurement",
    "a trace",
  ];
  const keys = names.flatMap((name) => keysOfMapping.get(name) ?? assert.fail(name));
  const missing = keys.filter((key) => !new RegExp(`\`[^\`]*\\b${key}\\b|^ *${key}:`, "m").test(reference));
  assert.deepEqual(missing, []);
  for (const name of shipped) {
    const short = name.replace(/^\.\//, "").replace(/\.yaml$/, "");
    assert.ok(reference.includes(`\`${short}\``), short);
  }
});

test("every load in docs/experiments.md is taken by the parser", async () => {
  const section = reference.slice(reference.indexOf("### load"), reference.indexOf("### engine"));
  const loads = [...section.matchAll(/`(\{ .* \})`/g)].map(([, load]) => load!);
  assert.ok(loads.length >= 6);
  for (const load of loads) {
    const text = `name: e\ntopology: lab.yaml\njob: { use: map }\nduration: 3m\nload: ${load}\n`;
    await assert.doesNotReject(read(text, { "folder/rates.csv": "0,5\n" }), load);
  }
});

test("the example in docs/experiments.md is valid", async () => {
  const [, example = ""] = /```yaml\n(name: [^`]+)```/.exec(reference)!;
  const { runs } = await read(example.replace("../topologies/fog-15.yaml", "fog.yaml"), {
    "folder/fog.yaml": readFileSync(new URL("../topologies/fog-15.yaml", folder), "utf8"),
  });
  assert.equal(runs.length, 9);
});

test("every policy that a file may ask for is there", () => {
  for (const name of policyNames) assert.ok(makePolicy(name, { shares: "even", steps: [] }).name, name);
});
