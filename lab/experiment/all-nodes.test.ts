import assert from "node:assert/strict";
import { test } from "node:test";
import { loadJob } from "#engine/dataflow/load-job.ts";
import { least, read, refusalOf } from "./experiment-for-tests.ts";
import { parseExperiment } from "./load.ts";

const mixed = `name: mixed
defaults: { device: pi4b }
nodes:
  coord: { role: coordinator, kind: ssh, host: pi@10.0.0.9, jump: gate }
  "gen[1-2]": { role: generator, device: none }
  sw: { role: switch }
  "w[1-2]":
links: [{ endpoints: [coord, sw], delay: 1ms }, { endpoints: [w1, sw] }, { endpoints: [w2, sw] },
  { endpoints: [gen1, sw] }, { endpoints: [gen2, sw] }]
`;

const kindsOf = async (more: string) => {
  const { runs } = await read(least(more), { "folder/lab.yaml": mixed });
  return runs.map(({ run, topology }) => [
    run,
    ...topology.nodes.map(({ name, kind, device, settings }) => [name, kind, device, settings]),
  ]);
};

test("all nodes become of one kind, what is theirs stays, and settings of their former kinds go", async () => {
  assert.deepEqual(await kindsOf("nodes: docker\n"), [
    [
      "1",
      ["coord", "docker", "pi4b", {}],
      ["gen1", "docker", "none", {}],
      ["gen2", "docker", "none", {}],
      ["sw", "netns", "pi4b", {}],
      ["w1", "docker", "pi4b", {}],
      ["w2", "docker", "pi4b", {}],
    ],
  ]);
});

test("hosts run along the nodes in their order, and other settings go to each", async () => {
  const [run] = await kindsOf('nodes: { kind: ssh, host: "pi@rack[01-05]", port: 2222, device: none }\n');
  assert.deepEqual(run!.slice(1), [
    ["coord", "ssh", "none", { host: "pi@rack01", port: 2222 }],
    ["gen1", "ssh", "none", { host: "pi@rack02", port: 2222 }],
    ["gen2", "ssh", "none", { host: "pi@rack03", port: 2222 }],
    ["sw", "netns", "pi4b", {}],
    ["w1", "ssh", "none", { host: "pi@rack04", port: 2222 }],
    ["w2", "ssh", "none", { host: "pi@rack05", port: 2222 }],
  ]);
});

test("swept, each kind is a condition that is called after it", async () => {
  const swept = await kindsOf('sweep: { nodes: [netns, { kind: ssh, host: "h[1-5]" }, docker] }\n');
  assert.deepEqual(
    swept.map(([run, coord]) => [run, coord?.[1]]),
    [
      ["netns.1", "netns"],
      ["ssh.1", "ssh"],
      ["docker.1", "docker"],
    ],
  );
});

test("given with the command, it joins what is swept, so that records lie beside each other", async () => {
  const text = least("sweep: { network: [none, topology] }\n");
  const effects = { loadJob, readSide: () => mixed };
  const { runs } = await parseExperiment(text, "folder/e.yaml", effects, "{ kind: docker, image: own }");
  assert.deepEqual(
    runs.map(({ run, parameters }) => [run, parameters.nodes]),
    [
      ["none_docker.1", { kind: "docker", image: "own" }],
      ["topology_docker.1", { kind: "docker", image: "own" }],
    ],
  );
  await assert.rejects(parseExperiment(text, "folder/e.yaml", effects, "dokcer"), /--nodes:1:1/);
});

for (const [more, said] of [
  ['nodes: { kind: ssh, host: "pi@rack[1-4]" }\n', /e\.yaml:4:\d+: .*4 hosts for 5 nodes[\s\S]*\[21-25\]/],
  ["nodes: { kind: ssh }\n", /needs host/],
  ["nodes: { kind: docker, role: worker }\n", /e\.yaml:4:24: nodes takes no "role"/],
  ["nodes: { kind: docker, host: x1 }\n", /one host for 5 nodes/],
  ["nodes: [docker]\n", /nodes: must be a kind/],
  ["nodes: podman\n", /e\.yaml:4:8: [\s\S]*netns, docker, ssh, qemu/],
] as const) {
  test(`${more.trim()} is refused where it is written`, async () => {
    assert.match(await refusalOf(least(more), { "folder/lab.yaml": mixed }), said);
  });
}
