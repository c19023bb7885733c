/** Control groups of this machine's kernel: felt by real processes as root, refused in words to an ordinary user. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Cgroup, type CreatedCgroup, cgroupMembers, createCgroup, detectCgroups, pathsOf } from "./cgroup.ts";
import { removeCgroups } from "./cgroup-removal.ts";

const root = process.getuid?.() === 0;
const layout = await detectCgroups();
const able = root && layout.lacks.cpu === undefined && layout.lacks.memory === undefined;
const why = root ? `this machine's cgroups: ${layout.lacks.cpu ?? layout.lacks.memory}` : "needs root";

type Lab = { created: CreatedCgroup; group: Cgroup; paths: string[] };

async function withGroup(
  limits: Parameters<typeof createCgroup>[3],
  use: (lab: Lab) => Promise<void>,
): Promise<void> {
  const name = `test-${randomUUID().slice(0, 8)}`;
  const paths = pathsOf(cgroupMembers(layout, name, "node"));
  try {
    const created = await createCgroup(layout, name, "node", limits);
    await use({ created, group: new Cgroup(created.members), paths });
  } finally {
    await removeCgroups(paths);
    for (const path of paths)
      assert.ok(!existsSync(path) && !existsSync(join(path, "..")), `${path} is left`);
  }
}

function runIn(group: Cgroup, script: string): ChildProcess {
  const child = spawn("/bin/sh", [
    "-c",
    `${group.joinCommand()} && exec "$@"`,
    "sh",
    "/bin/sh",
    "-c",
    script,
  ]);
  // A test kills what it started; how that ends is not its subject.
  child.on("error", () => {});
  return child;
}

/** Shares decide who waits when the machine is full; the test is about the quota, not about the neighbours. */
function favour({ created }: Lab): void {
  for (const { path } of created.members) {
    for (const [file, weight] of [
      ["cpu.shares", "262144"],
      ["cpu.weight", "10000"],
    ] as const) {
      if (existsSync(join(path, file))) writeFileSync(join(path, file), weight);
    }
  }
}

async function coresUsed(group: Cgroup, windowMs: number): Promise<number> {
  const before = (await group.usage()).cpuSeconds!;
  const startMs = performance.now();
  await sleep(windowMs);
  const used = (await group.usage()).cpuSeconds! - before;
  return (used * 1000) / (performance.now() - startMs);
}

describe("the kernel's control groups", { skip: able ? false : why }, () => {
  test("a busy loop under 0.3 core uses 0.3 core within 5 %, and the group says that it was throttled", async () => {
    await withGroup({ cpuCores: 0.3 }, async (lab) => {
      assert.deepEqual(lab.created.cpu, { enforced: true });
      favour(lab);
      runIn(lab.group, "while :; do :; done");
      await sleep(200);
      // A core that the hypervisor takes away for a while can only lower a window: one undisturbed window decides.
      const windows: number[] = [];
      while (windows.length < 6 && !windows.some((cores) => Math.abs(cores - 0.3) <= 0.015)) {
        windows.push(await coresUsed(lab.group, 1000));
      }
      assert.ok(
        windows.every((cores) => cores <= 0.315),
        `more than the quota: ${windows.join(", ")}`,
      );
      assert.ok(
        windows.some((cores) => cores >= 0.285),
        `never the whole quota: ${windows.join(", ")}`,
      );
      assert.ok((await lab.group.usage()).throttledSeconds! > 0);
    });
  });

  test("a group with two busy loops and a quota of 0.4 core shares it between them", async () => {
    await withGroup({ cpuCores: 0.4 }, async (lab) => {
      runIn(lab.group, "while :; do :; done & while :; do :; done");
      await sleep(200);
      assert.ok((await coresUsed(lab.group, 1000)) <= 0.42);
      assert.ok((await lab.group.usage()).processes >= 2);
    });
  });

  test("a process that takes more than the memory limit is killed", async () => {
    await withGroup({ memoryBytes: 64 * 2 ** 20 }, async ({ created, group }) => {
      assert.deepEqual(created.memory, { enforced: true });
      const eater = `const kept = []; for (;;) kept.push(Buffer.alloc(4 << 20, 1));`;
      const child = runIn(group, `exec '${process.execPath}' -e '${eater}'`);
      const [status, signal] = (await once(child, "exit")) as [number | null, string | null];
      assert.ok(signal === "SIGKILL" || (status ?? 0) !== 0, `ended with ${status} ${signal}`);
    });
  });

  test("a frozen group uses no CPU time and goes on after the thaw", async () => {
    await withGroup({}, async ({ group }) => {
      runIn(group, "while :; do :; done");
      await sleep(100);
      await group.freeze();
      assert.ok((await coresUsed(group, 200)) < 0.01);
      await group.thaw();
      assert.ok((await coresUsed(group, 200)) > 0.01);
    });
  });

  test("a group that starts processes all the time freezes whenever it is asked", async () => {
    await withGroup({}, async ({ group }) => {
      // The shell waits in the kernel for each of them to begin, where a freeze may come upon it.
      runIn(group, "while :; do sleep 0.002; done");
      for (let round = 0; round < 300; round++) {
        await group.freeze();
        await group.thaw();
        await sleep(round % 5);
      }
    });
  });

  test("removal from the paths alone ends a frozen group with processes and a group of its own inside", async () => {
    await withGroup({}, async ({ group, paths }) => {
      const child = runIn(group, "sleep 1000 & sleep 1000");
      await sleep(100);
      execFileSync("mkdir", [join(paths[0]!, "inner")]);
      await group.freeze();
      const pids = await group.processes();
      assert.ok(pids.length >= 2);
      await removeCgroups(paths);
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      assert.ok(
        pids.every((pid) => !alive(pid)),
        "every process of the group is gone",
      );
      await removeCgroups(paths);
    });
  });

  test("a limit can be lowered and raised on a group that exists", async () => {
    await withGroup({ cpuCores: 1.5, memoryBytes: 512 * 2 ** 20 }, async ({ paths }) => {
      const [, lab, node] = /brume\/([^/]+)\/([^/]+)$/.exec(paths[0]!)!;
      for (const limits of [
        { cpuCores: 0.05, memoryBytes: 64 * 2 ** 20 },
        { cpuCores: 2, memoryBytes: 2 ** 30 },
      ]) {
        const { cpu, memory } = await createCgroup(layout, lab!, node!, limits);
        assert.deepEqual([cpu, memory], [{ enforced: true }, { enforced: true }]);
      }
    });
  });
});

test("an ordinary user without delegation is told why nothing is limited, and nothing is made", {
  skip: root && !existsSync("/usr/bin/setpriv") ? "needs setpriv (apt-get install util-linux)" : false,
}, () => {
  const module = join(import.meta.dirname, "cgroup.ts");
  const script = `
    const { detectCgroups, createCgroup, removeCgroups, cgroupMembers, pathsOf, Cgroup } = await import(${JSON.stringify(module)});
    const layout = await detectCgroups({ ownGroups: "0::/\\n" });
    const { members, cpu, memory } = await createCgroup(layout, "test", "node", { cpuCores: 0.5, memoryBytes: 1 << 28 });
    await removeCgroups(pathsOf(cgroupMembers(layout, "test", "node")));
    console.log(JSON.stringify({ members, cpu, memory, join: new Cgroup(members).joinCommand() }));`;
  const node = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    "--input-type=module",
    "-e",
    script,
  ];
  const user = root ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
  const [program, ...words] = [...user, ...node];
  const told = JSON.parse(execFileSync(program!, words, { encoding: "utf8", cwd: "/" }));
  assert.deepEqual(told.members, []);
  for (const limit of [told.cpu, told.memory]) {
    assert.equal(limit.enforced, false);
    assert.match(limit.reason, /writable for this user|has no (cpu|memory) controller|not delegated/);
  }
  assert.equal(told.join, ":");
});

function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
