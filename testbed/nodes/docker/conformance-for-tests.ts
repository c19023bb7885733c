/** What the conformance suite has to know of containers, whatever they are made of. */
import assert from "node:assert/strict";
import { capture } from "#testbed/capture.ts";
import type { Subject } from "../conformance/bench.ts";
import { exec } from "../exec.ts";
import type { DockerdForTests } from "./dockerd-for-tests.ts";

type Engine = Pick<DockerdForTests, "engine" | "containers">;

/** `device` and `memoryMiB`: of the node that is held to less than the machine. */
export function containers(
  made: Engine,
  {
    settings,
    device,
    memoryMiB,
  }: { settings: Readonly<Record<string, string>>; device: string; memoryMiB: number },
): Subject {
  return {
    kind: "docker",
    settings: () => settings,
    remains: async () => {
      const { Volumes: volumes } = await made.engine.listVolumes();
      return [
        ...(await made.containers()).map((name) => `container ${name}`),
        ...(volumes ?? []).map(({ Name }) => `volume ${Name}`),
      ];
    },
    smallDisk: async (node) => {
      const folder = `${await node.folder()}/small-disk`;
      assert.equal((await exec(node, ["mkdir", "-p", folder])).status, 0);
      const all = await made.engine.listContainers();
      const ours = all.find(({ Names }) => Names.some((name) => name.endsWith(`-${node.name}`)));
      const { State } = await made.engine.getContainer(ours!.Id).inspect();
      const mount = ["mount", `--namespace=${State.Pid}`, "-t", "tmpfs", "-o", "size=1m", "small", folder];
      const { status, stderr } = await capture(mount, process.env);
      assert.equal(status, 0, stderr);
      return folder;
    },
    limits: {
      settings: { device, memory: `${memoryMiB}MiB` },
      quotaCores: (lab) => lab.folder.limits().a?.quotaCores ?? assert.fail("no quota is on record"),
      memoryBytes: memoryMiB * 2 ** 20,
    },
    outage: { not: "its machine is this one" },
    refusals: [
      {
        what: "an image that the engine has not got",
        settings: { image: "brume-nobody-made-this:1" },
        code: "no-such-image",
        says: /docker pull brume-nobody-made-this:1/,
      },
    ],
  };
}
