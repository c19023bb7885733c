/** The conformance suite on containers of 64-bit ARM whose programs this machine's kernel hands to QEMU's user mode. */
import { test } from "node:test";
import { lacking } from "#testbed/doctor/commands.ts";
import { conformance } from "./conformance.ts";
import { containers } from "./docker/conformance-for-tests.ts";
import { DockerdForTests } from "./docker/dockerd-for-tests.ts";
import { findRule } from "./emulation/binfmt.ts";
import { ownArchitecture } from "./qemu/architectures.ts";
import { findGuest } from "./qemu/guest-store.ts";

/** The emulator's own memory beside what Node.js takes. */
const memoryMiB = 320;

/** On such a machine nothing is emulated, and there is nothing to show. */
const isNative = ownArchitecture() === "aarch64";
const lacks = findGuest("aarch64") && findRule() ? lacking("dockerd") : "needs sudo ./brume setup arm64";
if (lacks && !isNative) test("nodes in containers of 64-bit ARM", { skip: lacks }, () => undefined);
else if (!isNative) await conform();

async function conform(): Promise<void> {
  const dockerd = await DockerdForTests.start();
  const settings = { arch: "aarch64" };
  await conformance(containers(dockerd, { settings, device: "pi3b", memoryMiB }), () => dockerd.end());
}
