/**
 * What containers of 64-bit ARM are made of, and the rule by which this machine's kernel runs them: a setting of the whole
 * machine, so it is made only when somebody asks for it here, and is said.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { capture } from "#testbed/capture.ts";
import { findCommand } from "#testbed/doctor/commands.ts";
import { binfmtFolder, findRule, register, ruleName } from "#testbed/nodes/emulation/binfmt.ts";
import { emulatedNode } from "#testbed/nodes/emulation/parts.ts";
import { architectures, ownArchitecture } from "#testbed/nodes/qemu/architectures.ts";
import { findGuest } from "#testbed/nodes/qemu/guest-store.ts";
import { makeGuest } from "#testbed/nodes/qemu/make-guest.ts";
import { UserError } from "#testbed/user-error.ts";
import { installPackages } from "./apt.ts";
import type { Component } from "./component.ts";

const emulator = "qemu-aarch64-static";

export const arm64: Component = {
  name: "arm64",
  summary:
    "docker nodes of 64-bit ARM by emulation, 400 MB; changes a setting of this machine until its next boot",
  async get(progress) {
    const architecture = architectures.aarch64;
    if (ownArchitecture() === architecture.name) return "this machine is one itself: nothing to emulate";
    if (findCommand(emulator) === undefined) await installPackages(emulator, ["qemu-user-static"], progress);
    if (!findGuest(architecture.name)) await makeGuest(architecture, progress);
    await emulatedNode(architecture);
    const there = findRule();
    if (there) return `already there: binfmt_misc rule ${there.name} runs them by ${there.interpreter}`;
    await registerRule();
    return `binfmt_misc rule ${ruleName} registered until the next boot; echo -1 >${join(binfmtFolder, ruleName)} undoes it`;
  },
};

async function registerRule(): Promise<void> {
  if (process.getuid?.() !== 0) {
    const what = "only root tells the kernel what runs programs of another processor";
    throw new UserError("needs-root", what, "sudo ./brume setup arm64");
  }
  if (!existsSync(join(binfmtFolder, "register"))) {
    const mount = ["mount", "-t", "binfmt_misc", "binfmt_misc", binfmtFolder];
    const { status, stderr } = await capture(mount, process.env);
    if (status !== 0) {
      const what = `this machine's kernel has no binfmt_misc: ${stderr.trim()}`;
      throw new UserError(
        "no-binfmt",
        what,
        "sudo modprobe binfmt_misc; a container cannot do it for its machine",
      );
    }
  }
  register(findCommand(emulator)!);
  if (!findRule()) throw new Error("the kernel took the rule, and does not list it");
}
