import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { lacking } from "#testbed/doctor/commands.ts";
import { emulations } from "#testbed/emulation.ts";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { machineState } from "#testbed/machine-state.ts";
import { processIds } from "#testbed/processes.ts";
import { exec } from "./exec.ts";
import { makeSharedDisk } from "./qemu/disk-image.ts";
import { findGuest } from "./qemu/guest-store.ts";
import { MachineFolder } from "./qemu/machine-record.ts";

const missing = findGuest("x86_64")
  ? lacking("qemu-system-x86_64", "mke2fs")
  : "needs sudo ./brume setup qemu";
const labs = new TestLabs();
after(() => labs.end());

const topology = `
name: vm
nodes:
  near: {}
  vm: { kind: qemu, arch: x86_64, memory: 512MiB }
network:
  pairs: [{ from: near, to: vm, delay: 40ms }]
`;

const runsOf = (folder: string) =>
  processIds().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(join(folder, "qemu"));
    } catch {
      return false; // Ended meanwhile.
    }
  });

test("a virtual machine is a node like any other", { skip: missing, timeout: 280_000 }, async (t) => {
  const lab = await labs.open(topology);
  const [near, vm] = [lab.node("near"), lab.node("vm")];
  const shell = async (code: string) => {
    const { status, stdout, stderr } = await exec(vm, ["sh", "-c", code]);
    return { status, out: stdout.toString(), err: stderr.toString() };
  };
  const ping = async () => {
    const { stdout } = await exec(near, ["ping", "-n", "-c", "3", "-i", "0.2", "-W", "3", vm.address.v4]);
    return [...stdout.toString().matchAll(/time=([\d.]+)/g)].map(([, ms]) => Number(ms));
  };

  await t.test("a command's streams and status come back from its own kernel", async () => {
    const { status, out, err } = await shell("uname -n; cat /proc/uptime >/dev/null && echo err >&2; exit 7");
    assert.deepEqual([status, out, err], [7, "vm\n", "err\n"]);
  });

  await t.test(
    "its link has the delay that the topology asks for, and it finds its peer by name",
    async () => {
      const times = await ping();
      assert.ok(times.length > 0 && times.every((ms) => ms >= 40), times.join(" "));
      assert.equal((await shell("ping -c 1 -W 5 near")).status, 0);
    },
  );

  await t.test(
    "a crash is the loss of its power: what ran is gone, what was written to its disk is there",
    async () => {
      const running = await vm.spawn(["sleep", "1000"]);
      await vm.putFile("/srv/kept", { bytes: Buffer.from("kept") });
      assert.equal((await shell("sync")).status, 0);
      await vm.crash();
      assert.equal((await running.exited).signal, "SIGKILL");
      await assert.rejects(exec(vm, ["true"]), { code: "node-down" });
      assert.deepEqual([await vm.state(), runsOf(lab.folder.path), await ping()], ["down", [], []]);
      await vm.start();
      assert.equal((await vm.getFile("/srv/kept")).toString(), "kept");
      assert.ok((await ping()).length > 0);
    },
  );

  await t.test("the record says by what it is emulated, and how much slower it is", () => {
    const { by, slowdown } = emulations(lab.folder).vm!;
    assert.ok(by === "kvm" || slowdown.integer > 1, JSON.stringify(slowdown));
  });

  await t.test("nobody but its owner reads the keys of its machine", () => {
    const folder = join(lab.folder.path, "qemu");
    const secret = "OPENSSH PRIVATE KEY";
    for (const pid of runsOf(lab.folder.path)) {
      for (const file of ["cmdline", "environ"])
        assert.ok(!readFileSync(`/proc/${pid}/${file}`, "latin1").includes(secret));
    }
    assert.deepEqual(readdirSync(folder), ["vm"]);
  });

  await t.test("the machine ends with its keeper, and destroy leaves nothing of either", async () => {
    const { cable } = new MachineFolder(lab.folder.path, "vm").record()!;
    const interfaces = () => machineState().interfaces;
    assert.ok(interfaces().includes(cable.name));
    process.kill(lab.folder.keeperMark()!.pid, "SIGKILL");
    while (runsOf(lab.folder.path).length > 0) await sleep(20);
    await labs.destroy("vm");
    const { hostInterface } = lab.identity;
    assert.deepEqual(
      interfaces().filter((name) => [cable.name, hostInterface].includes(name)),
      [],
    );
    assert.equal(existsSync(lab.folder.path), false);
  });
});

test("a machine boots a person's own disk, and leaves the image as it was", {
  skip: missing,
  timeout: 200_000,
}, async () => {
  const image = join(labs.root, "image");
  const { tree } = findGuest("x86_64")!;
  await makeSharedDisk(image, tree, 300 * 2 ** 20);
  const before = readFileSync(image);
  const lab = await labs.open(
    `name: own\nnodes: { vm: { kind: qemu, arch: x86_64, memory: 512MiB, image: "${image}" } }\n`,
  );
  const { stdout } = await exec(lab.node("vm"), [
    "sh",
    "-c",
    "echo mine >/srv/mine; grep ' / ' /proc/mounts",
  ]);
  assert.match(stdout.toString(), /^\/dev\/vda \/ ext4 rw/);
  assert.ok(readFileSync(image).equals(before));
});
