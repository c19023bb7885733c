/** The conformance suite on virtual machines of this machine's architecture. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { loadDeviceClass } from "#testbed/devices/device-class.ts";
import { lacking } from "#testbed/doctor/commands.ts";
import { processIds } from "#testbed/processes.ts";
import { conformance } from "./conformance.ts";
import { findGuest } from "./qemu/guest-store.ts";

const lacks = findGuest("x86_64")
  ? lacking("qemu-system-x86_64", "mke2fs")
  : "needs the guest: sudo ./brume setup qemu";
if (lacks) test("nodes in virtual machines", { skip: lacks }, () => undefined);
else await conform();

async function conform(): Promise<void> {
  const device = loadDeviceClass("pi3b");
  await conformance({
    kind: "qemu",
    settings: () => ({ arch: "x86_64", memory: "512MiB" }),
    remains: async () =>
      processIds()
        .map(commandLine)
        .filter((line) => /^\S*qemu-system/.test(line)),
    smallDisk: { not: "its disk is 16 GiB, and no other is mounted in it before it is a node" },
    limits: {
      settings: { device: device.name, cores: 2, memory: "1280MiB" },
      quotaCores: (lab) => lab.folder.limits().a?.quotaCores ?? assert.fail("no quota is on record"),
      memoryBytes: device.memoryMiB.value * 2 ** 20,
    },
    outage: { not: "its machine is this one" },
    refusals: [
      {
        what: "a kernel that is not there",
        settings: { kernel: "/nowhere/vmlinuz" },
        code: "no-such-file",
        says: /\/nowhere\/vmlinuz/,
      },
    ],
  });
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return ""; // Ended meanwhile.
  }
}
