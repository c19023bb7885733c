import assert from "node:assert/strict";
import { test } from "node:test";
import { isExperiment } from "./is-experiment.ts";

const experiments = {
  "with nodes of its own": "name: e\ntopology: lab.yaml\nnodes: docker\njob: { use: map }\n",
  "with nodes on machines": "nodes: { kind: ssh, host: h1 }\njob: { use: map }\n",
  "with its topology written out": "topology:\n  nodes: { w: }\njob: { use: map }\n",
  "as JSON": '{ "name": "e", "topology": "lab.yaml", "nodes": "docker", "job": { "use": "map" } }',
  "as JSON over lines": '{\n  "name": "e",\n  "job": { "use": "map" }\n}\n',
  "with a key twice": "job: { use: map }\njob: { use: map }\n",
  "that is not YAML yet": "name: e\njob: { use: [map }\nnodes: docker\n",
};

const topologies = {
  "of nodes": "name: lab\nnodes: { job: , load: }\n",
  "as JSON": '{ "name": "lab", "nodes": { "topology": {} } }',
  "that speaks of jobs": "# job: map\nname: lab\nnodes:\n  w:\n    # load: high\n    job: 1\n",
  "that is not YAML yet": "name: lab\nnodes: { w: [\n",
  "without anything": "",
  "that nests without end": "[".repeat(20_000),
};

for (const [what, text] of Object.entries(experiments))
  test(`an experiment ${what} is told as one`, () => assert.equal(isExperiment(text), true));

for (const [what, text] of Object.entries(topologies))
  test(`a topology ${what} is no experiment`, () => assert.equal(isExperiment(text), false));
