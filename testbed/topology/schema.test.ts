import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import * as z from "zod";
import { topologyJsonSchema } from "./schema.ts";

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
