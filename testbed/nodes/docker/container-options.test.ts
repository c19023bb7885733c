import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeLimit } from "#testbed/node-limit.ts";
import { type ContainerWish, containerOptions, labels, parentGroup } from "./container-options.ts";

const wish: ContainerWish = {
  lab: { id: "0a1b", name: "fog" },
  node: { name: "dsp3", number: 4 },
  image: "debian:13",
  driver: "cgroupfs",
  from: { hosts: "/l/hosts", attendant: "/l/a", node: "/n", project: "/p", brought: "/b" },
};
const limitIn = (...paths: string[]): NodeLimit => ({
  device: "pi4b",
  cores: 1,
  quotaCores: 0.5,
  memoryBytes: 2 ** 30,
  members: paths.map((path) => ({ version: path.includes("/cpu/") ? 1 : 2, path, controllers: ["cpu"] })),
});
const hostOf = (more: Partial<ContainerWish>) => containerOptions({ ...wish, ...more }).HostConfig!;

test("a node has no network but its link, and is known by its lab", () => {
  const { HostConfig, Labels, Hostname, name } = containerOptions(wish);
  assert.deepEqual([HostConfig?.NetworkMode, Hostname, name], ["none", "dsp3", "brume-0a1b-dsp3"]);
  assert.deepEqual(
    [Labels?.[labels.lab], Labels?.[labels.node], Labels?.[labels.number]],
    ["0a1b", "dsp3", "4"],
  );
});

test("a device's node is held by the lab's own control group, which has the quota already", () => {
  const limit = limitIn("/sys/fs/cgroup/cpu/brume/0a1b/dsp3", "/sys/fs/cgroup/memory/brume/0a1b/dsp3");
  for (const member of limit.members) Object.assign(member, { version: 1 });
  const { CgroupParent, CpuQuota, Memory } = hostOf({ limit });
  assert.deepEqual([CgroupParent, CpuQuota, Memory], ["/brume/0a1b/dsp3", undefined, 2 ** 30]);
});

test("a device of another memory is no reason for another container where the lab's group holds it", () => {
  const made = (memoryBytes: number, driver: string) =>
    containerOptions({
      ...wish,
      driver,
      limit: { ...limitIn("/sys/fs/cgroup/brume/0a1b/dsp3"), memoryBytes },
    }).Labels?.[labels.made];
  assert.equal(made(2 ** 30, "cgroupfs"), made(2 ** 29, "cgroupfs"));
  assert.notEqual(made(2 ** 30, "systemd"), made(2 ** 29, "systemd"));
});

test("an engine that leaves groups to systemd is told quota and memory itself, the smaller memory where two are named", () => {
  const limit = limitIn("/sys/fs/cgroup/brume/0a1b/dsp3");
  const { CgroupParent, CpuQuota, CpuPeriod, Memory, MemorySwap } = hostOf({
    limit,
    driver: "systemd",
    memoryBytes: 2 ** 29,
  });
  assert.deepEqual(
    [CgroupParent, CpuQuota! / CpuPeriod!, Memory, MemorySwap],
    [undefined, 0.5, 2 ** 29, 2 ** 29],
  );
});

test("a group below somebody else's is no path that an engine could take", () => {
  assert.equal(parentGroup(limitIn("/sys/fs/cgroup/user.slice/brume/0a1b/dsp3"), "cgroupfs"), undefined);
  assert.equal(parentGroup(limitIn("/sys/fs/cgroup/brume/0a1b/dsp3"), "cgroupfs"), "/brume/0a1b/dsp3");
  assert.equal(parentGroup(limitIn(), "cgroupfs"), undefined);
});

test("the memory that the topology names is the container's, whatever its group may have", () => {
  const { Memory, MemorySwap, CgroupParent } = hostOf({
    memoryBytes: 2 ** 28,
    limit: limitIn("/sys/fs/cgroup/brume/0a1b/dsp3"),
  });
  assert.deepEqual([Memory, MemorySwap, CgroupParent], [2 ** 28, 2 ** 28, "/brume/0a1b/dsp3"]);
});

test("containers made of other things are told apart by their label, and of the same things are not", () => {
  const made = (more: Partial<ContainerWish>) => containerOptions({ ...wish, ...more }).Labels?.[labels.made];
  assert.equal(made({}), made({}));
  assert.notEqual(made({}), made({ image: "debian:12" }));
  assert.notEqual(made({}), made({ memoryBytes: 2 ** 28 }));
});
