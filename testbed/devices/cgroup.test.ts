/** Control groups against a pretended kernel: version 1, version 2, both at once, with rights and without. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Cgroup, cgroupMembers, createCgroup, detectCgroups, pathsOf } from "./cgroup.ts";
import { removeCgroups } from "./cgroup-removal.ts";
import { PretendedCgroups } from "./pretended-cgroups.ts";

const mounts = "/cg";
const rootsGroups = "0::/\n";
const both = { cpuCores: 0.5, memoryBytes: 256 * 2 ** 20 };

function versionOne(): PretendedCgroups {
  const kernel = new PretendedCgroups();
  for (const name of ["cpu", "cpuacct", "memory", "freezer"]) kernel.mount(`/cg/${name}`, 1, [name]);
  return kernel;
}

function versionTwo(): PretendedCgroups {
  return new PretendedCgroups().mount("/cg", 2, ["cpuset", "cpu", "io", "memory", "pids"]);
}

/** systemd's tree, in which only user@1000.service and what is below it belongs to the user. */
async function delegated(controllers: readonly string[]): Promise<PretendedCgroups> {
  const kernel = versionTwo();
  const path = ["/cg", "/cg/user.slice", "/cg/user.slice/user-1000.slice"];
  for (const parent of path) {
    await kernel.makeDirectory(parent);
    for (const controller of controllers)
      await kernel.write(`${parent}/cgroup.subtree_control`, `+${controller}`);
  }
  await kernel.makeDirectory("/cg/user.slice/user-1000.slice/user@1000.service/app.slice/term.scope");
  await kernel.makeDirectory("/cg/user.slice/user-1000.slice/session-2.scope");
  kernel.put(41, "/cg/user.slice/user-1000.slice/user@1000.service/app.slice/term.scope");
  for (const parent of [...path, "/cg/user.slice/user-1000.slice/session-2.scope"])
    kernel.readOnly.add(parent);
  kernel.writes.length = 0;
  return kernel;
}

const layouts: readonly (readonly [string, () => PretendedCgroups])[] = [
  ["version 1", versionOne],
  ["version 2", versionTwo],
  [
    "cpu in version 2 and memory in version 1",
    () => new PretendedCgroups().mount("/cg/memory", 1, ["memory"]).mount("/cg/unified", 2, ["cpu"]),
  ],
];

for (const [name, make] of layouts) {
  describe(name, () => {
    test("limits are set, usage is read, and the paths alone remove all of it", async () => {
      const host = make();
      const before = new Set(host.directoriesByPath.keys());
      const layout = await detectCgroups({ mounts, host, ownGroups: rootsGroups });
      const paths = pathsOf(cgroupMembers(layout, "fog", "dsp1"));
      assert.deepEqual(
        new Set(host.directoriesByPath.keys()),
        before,
        "the paths are known without making them",
      );
      const created = await createCgroup(layout, "fog", "dsp1", both, host);
      assert.deepEqual(created.cpu, { enforced: true });
      assert.deepEqual(created.memory, { enforced: true });
      assert.deepEqual(pathsOf(created.members), paths);
      const group = new Cgroup(created.members, host);
      assert.deepEqual(await group.usage(), {
        processes: 0,
        cpuSeconds: 2.5,
        throttledSeconds: 1.5,
        memoryBytes: 4_000_000,
      });
      await removeCgroups(paths, host);
      assert.deepEqual(new Set(host.directoriesByPath.keys()), before);
      await removeCgroups(paths, host);
    });

    test("freezing waits until the kernel says so, thawing too", async () => {
      const host = make();
      const layout = await detectCgroups({ mounts, host, ownGroups: rootsGroups });
      const group = new Cgroup((await createCgroup(layout, "fog", "dsp1", {}, host)).members, host);
      assert.equal(group.canFreeze, true);
      await group.freeze();
      assert.ok(host.writes.some((write) => /FROZEN$|cgroup.freeze 1$/.test(write)));
      await group.thaw();
      assert.ok(host.writes.some((write) => /THAWED$|cgroup.freeze 0$/.test(write)));
    });

    test("removing kills the processes of the node and of groups that it made, and no others", async () => {
      const host = make();
      const layout = await detectCgroups({ mounts, host, ownGroups: rootsGroups });
      const one = await createCgroup(layout, "fog", "dsp1", {}, host);
      const other = await createCgroup(layout, "fog", "dsp2", {}, host);
      const path = one.members[0]!.path;
      await host.makeDirectory(`${path}/own`);
      host.put(101, path).put(102, `${path}/own`).put(201, other.members[0]!.path);
      host.hardToKill.set(102, 3);
      await new Cgroup(one.members, host).remove();
      assert.deepEqual([...new Set(host.killed)].sort(), [101, 102]);
      assert.deepEqual(await new Cgroup(other.members, host).processes(), [201]);
      assert.ok(host.sleeps > 0, "it waited for the process that took its time");
    });

    test("a process that never dies is an error that names it, after a bounded wait", async () => {
      const host = make();
      const layout = await detectCgroups({ mounts, host, ownGroups: rootsGroups });
      const { members } = await createCgroup(layout, "fog", "dsp1", {}, host);
      host.put(101, members[0]!.path).hardToKill.set(101, Number.POSITIVE_INFINITY);
      await assert.rejects(
        removeCgroups(pathsOf(members), host),
        /processes 101 of .* do not die \(waited 5 s\)/,
      );
    });
  });
}

test("version 1: a quota is written with a 5 ms period, the old one taken off first", async () => {
  const host = versionOne();
  const layout = await detectCgroups({ mounts, host, ownGroups: rootsGroups });
  await createCgroup(layout, "fog", "dsp1", both, host);
  const cpu = host.writes.filter((write) => write.includes("cfs"));
  const path = "/cg/cpu/brume/fog/dsp1/cpu.cfs";
  assert.deepEqual(cpu, [`${path}_quota_us -1`, `${path}_period_us 5000`, `${path}_quota_us 2500`]);
  assert.equal(host.file("/cg/memory/brume/fog/dsp1/memory.memsw.limit_in_bytes"), `${256 * 2 ** 20}`);
});

test("version 1 without swap accounting turns swapping off for the group instead", async () => {
  const host = versionOne();
  const layout = await detectCgroups({ mounts, host, ownGroups: rootsGroups });
  await createCgroup(layout, "fog", "dsp1", {}, host);
  host.directoriesByPath.get("/cg/memory/brume/fog/dsp1")!.files.delete("memory.memsw.limit_in_bytes");
  const { memory } = await createCgroup(layout, "fog", "dsp1", both, host);
  assert.deepEqual(memory, { enforced: true });
  assert.equal(host.file("/cg/memory/brume/fog/dsp1/memory.swappiness"), "0");
});

test("version 1: cpu and cpuacct that are one hierarchy are joined once", async () => {
  const host = new PretendedCgroups().mount("/cg/cpu,cpuacct", 1, ["cpu", "cpuacct"]);
  host.links.set("/cg/cpu", "/cg/cpu,cpuacct").set("/cg/cpuacct", "/cg/cpu,cpuacct");
  const layout = await detectCgroups({ mounts, host, ownGroups: rootsGroups });
  const { members } = await createCgroup(layout, "fog", "dsp1", { cpuCores: 1 }, host);
  assert.equal(
    new Cgroup(members, host).joinCommand(),
    "echo $$ > '/cg/cpu,cpuacct/brume/fog/dsp1/cgroup.procs'",
  );
});

test("version 2: quota, memory and no swap", async () => {
  const host = versionTwo();
  const layout = await detectCgroups({ mounts, host, ownGroups: rootsGroups });
  await createCgroup(layout, "fog", "dsp1", both, host);
  assert.equal(host.file("/cg/brume/fog/dsp1/cpu.max"), "2500 5000");
  assert.equal(host.file("/cg/brume/fog/dsp1/memory.max"), `${256 * 2 ** 20}`);
  assert.equal(host.file("/cg/brume/fog/dsp1/memory.swap.max"), "0");
});

test("what a node may take it is to have: its groups weigh more than an ordinary process", async () => {
  const two = versionTwo();
  await createCgroup(
    await detectCgroups({ mounts, host: two, ownGroups: rootsGroups }),
    "fog",
    "dsp1",
    both,
    two,
  );
  const one = new PretendedCgroups().mount("/cg/cpu", 1, ["cpu"]);
  await createCgroup(
    await detectCgroups({ mounts, host: one, ownGroups: rootsGroups }),
    "fog",
    "dsp1",
    both,
    one,
  );
  for (const group of ["brume", "brume/fog"]) {
    assert.equal(two.file(`/cg/${group}/cpu.weight`), "10000");
    assert.equal(one.file(`/cg/cpu/${group}/cpu.shares`), "102400");
  }
});

test("an ordinary user gets the topmost group that systemd delegated to the session", async () => {
  const host = await delegated(["cpu", "memory"]);
  const ownGroups = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/term.scope\n";
  const layout = await detectCgroups({ mounts, host, ownGroups });
  const created = await createCgroup(layout, "fog", "dsp1", both, host);
  assert.deepEqual(created.cpu, { enforced: true });
  assert.deepEqual(created.memory, { enforced: true });
  assert.deepEqual(pathsOf(created.members), [
    "/cg/user.slice/user-1000.slice/user@1000.service/brume/fog/dsp1",
  ]);
});

test("a delegation without cpu limits the memory and says why the CPU is not limited", async () => {
  const host = await delegated(["memory"]);
  const ownGroups = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/term.scope\n";
  const layout = await detectCgroups({ mounts, host, ownGroups });
  const created = await createCgroup(layout, "fog", "dsp1", both, host);
  assert.deepEqual(created.memory, { enforced: true });
  assert.ok(created.cpu?.enforced === false);
  assert.match(created.cpu.reason, /the cpu controller is not delegated to .*user@1000\.service/);
});

test("a session without delegation gets no group, and is told the command that gives one", async () => {
  const host = await delegated(["cpu", "memory"]);
  const ownGroups = "0::/user.slice/user-1000.slice/session-2.scope\n";
  const layout = await detectCgroups({ mounts, host, ownGroups });
  const created = await createCgroup(layout, "fog", "dsp1", both, host);
  assert.deepEqual(created.members, []);
  assert.ok(created.cpu?.enforced === false);
  assert.match(
    created.cpu.reason,
    /no cgroup \(v2\) above this process is writable.*systemd-run --user --scope/,
  );
  assert.equal(new Cgroup(created.members, host).joinCommand(), ":");
  assert.equal(new Cgroup(created.members, host).canFreeze, false);
});

test("a container whose top group holds processes says that they stand in the way", async () => {
  const host = new PretendedCgroups().mount("/cg", 2, ["cpu", "memory"], false).put(1, "/cg");
  const layout = await detectCgroups({ mounts, host, ownGroups: rootsGroups });
  const { cpu } = await createCgroup(layout, "fog", "dsp1", both, host);
  assert.ok(cpu?.enforced === false);
  assert.match(cpu.reason, /\/cg holds processes itself/);
});

test("version 1 mounted for root alone: nothing is made, the reason names the mount", async () => {
  const host = versionOne();
  for (const path of host.directoriesByPath.keys()) host.readOnly.add(path);
  const layout = await detectCgroups({ mounts, host, ownGroups: rootsGroups });
  const created = await createCgroup(layout, "fog", "dsp1", both, host);
  assert.deepEqual(created.members, []);
  assert.ok(created.cpu?.enforced === false);
  assert.match(created.cpu.reason, /^\/cg\/cpu \(cgroup v1\) is not writable for this user/);
  assert.deepEqual(host.writes, []);
});

test("a machine without any cgroup mount says which controller it lacks", async () => {
  const host = new PretendedCgroups();
  const layout = await detectCgroups({ mounts, host, ownGroups: "" });
  const { cpu, memory } = await createCgroup(layout, "fog", "dsp1", both, host);
  assert.deepEqual(cpu, { enforced: false, reason: "/cg has no cpu controller" });
  assert.deepEqual(memory, { enforced: false, reason: "/cg has no memory controller" });
});

test("a limit that the kernel refuses is told with its place, and the other one still holds", async () => {
  const host = versionOne();
  const layout = await detectCgroups({ mounts, host, ownGroups: rootsGroups });
  await createCgroup(layout, "fog", "dsp1", {}, host);
  host.readOnly.add("/cg/cpu/brume/fog/dsp1");
  const created = await createCgroup(layout, "fog", "dsp1", both, host);
  assert.deepEqual(created.cpu, {
    enforced: false,
    reason: "/cg/cpu/brume/fog/dsp1: not allowed for this user",
  });
  assert.deepEqual(created.memory, { enforced: true });
});

test("removing one lab's last node leaves another lab's groups alone", async () => {
  const host = versionOne();
  const layout = await detectCgroups({ mounts, host, ownGroups: rootsGroups });
  const fog = await createCgroup(layout, "fog", "dsp1", {}, host);
  await createCgroup(layout, "mist", "dsp1", {}, host);
  await removeCgroups(pathsOf(fog.members), host);
  assert.ok(host.directoriesByPath.has("/cg/cpu/brume/mist/dsp1"));
  assert.ok(!host.directoriesByPath.has("/cg/cpu/brume/fog"));
});

test("removal refuses a path that is no node's group, before it kills anything", async () => {
  const host = versionOne().put(1, "/cg/cpu");
  for (const path of ["/cg/cpu", "/cg/cpu/brume", "/cg/cpu/brume/fog", "/cg/cpu/brume/fog/dsp1/own"]) {
    await assert.rejects(removeCgroups([path], host), /not a group of a lab's node/);
  }
  assert.deepEqual(host.killed, []);
});

test("a name that would leave the folder of brume is refused", async () => {
  const layout = await detectCgroups({ mounts, host: versionOne(), ownGroups: rootsGroups });
  for (const name of ["..", "a/b", "", ".hidden"]) {
    assert.throws(() => cgroupMembers(layout, "fog", name), /not a name for a control group/);
  }
});
