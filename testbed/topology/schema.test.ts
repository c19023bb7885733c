import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import * as z from "zod";
import { devicesOf } from "../topology-for-tests.ts";
import { parseTopology } from "./load.ts";
import { topologyJsonSchema } from "./schema.ts";
import { keysOfMapping } from "./schema-parts.ts";

const folder = new URL("../../topologies/", import.meta.url);
const shipped = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

test("topologies/topology.schema.json is what the schema makes", () => {
  const written: unknown = JSON.parse(readFileSync(new URL("topology.schema.json", folder), "utf8"));
  const remedy = "bring it up to date with: ./brume validate --schema > topologies/topology.schema.json";
  assert.deepEqual(written, topologyJsonSchema(), remedy);
});

test("every topology that ships satisfies the JSON Schema that editors check it with", () => {
  const schema = z.fromJSONSchema(topologyJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
  assert.ok(shipped.length > 0);
  for (const name of shipped) {
    const { error } = schema.safeParse(parse(readFileSync(new URL(name, folder), "utf8")));
    assert.equal(error, undefined, `${name}: ${error?.message}`);
  }
});

test("every topology that ships names the schema in its first line", () => {
  for (const name of shipped) {
    const [first] = readFileSync(new URL(name, folder), "utf8").split("\n");
    assert.equal(first, "# yaml-language-server: $schema=./topology.schema.json", name);
  }
});

test("the JSON Schema describes every key", () => {
  const undescribed: string[] = [];
  const visit = (schema: unknown, path: string): void => {
    if (typeof schema !== "object" || schema === null) return;
    const { properties } = schema as { properties?: Record<string, { description?: string }> };
    for (const [key, value] of Object.entries(properties ?? {})) {
      if (!value.description) undescribed.push(`${path}.${key}`);
    }
    for (const [key, value] of Object.entries(schema)) visit(value, `${path}.${key}`);
  };
  visit(topologyJsonSchema(), "");
  assert.deepEqual(undescribed, []);
});

const reference = readFileSync(new URL("../../docs/topology.md", import.meta.url), "utf8");

test("docs/topology.md names every key of the format", () => {
  const keys = new Set([...keysOfMapping.values()].flat());
  const missing = [...keys].filter(
    (key) => !new RegExp(`\`[^\`]*\\b${key}\\b|^ *(- \\{ )?${key}:`, "m").test(reference),
  );
  assert.deepEqual(missing, []);
});

test("every example in docs/topology.md is taken by the parser", () => {
  const blocks = [...reference.matchAll(/```yaml\n([^`]+)```/g)].map(([, block]) => block!);
  const nodes = 'coord: , "gen[1-3]": , "dsp[1-10]": , "s[1-2]": { role: switch }';
  const table = Array(10).fill(Array(10).fill("4").join("\t")).join("\n");
  for (const block of blocks) {
    const part = /^(name|nodes|links|events|access|pairs|matrix):/m.exec(block)?.[1];
    if (part === undefined) continue; // The line for editors alone.
    const indented = block.replaceAll(/^/gm, "  ");
    const inNetwork = `name: x\nnodes: { ${nodes.replace(/, "s.*/, "")} }\nnetwork:\n${indented}`;
    const switches = part === "links" ? nodes : nodes.replace(/, "s.*/, "");
    const beside = part === "links" ? `${block}  - { endpoints: [s2, dsp2] }\n` : block;
    const links = block.includes("role: switch") ? "links: [{ endpoints: [s1, coord] }]\n" : "";
    const whole = {
      name: block,
      nodes: `name: x\n${block}${links}`,
      links: `name: x\nnodes: { ${switches} }\n${beside}`,
      events: `name: x\nnodes: { ${switches} }\n${beside}`,
    };
    const text = part in whole ? whole[part as keyof typeof whole] : inNetwork;
    assert.doesNotThrow(() => parseTopology(text, "docs/topology.md", () => table, devicesOf("pi4b")), text);
  }
  assert.ok(blocks.length >= 7);
});
