/** What nodes of kind qemu are made of: the emulators, and a kernel and a root for each architecture, by apt-get. */
import { findCommand } from "#testbed/doctor/commands.ts";
import { chooseAccelerator } from "#testbed/nodes/qemu/accelerator.ts";
import { type Architecture, architectures } from "#testbed/nodes/qemu/architectures.ts";
import { findGuest } from "#testbed/nodes/qemu/guest-store.ts";
import { makeGuest } from "#testbed/nodes/qemu/make-guest.ts";
import { installPackages } from "./apt.ts";
import type { Component } from "./component.ts";

export const qemu: Component = {
  name: "qemu",
  summary: "emulators, kernels and roots for virtual machines as nodes, 250 MB",
  async get(progress) {
    const all = Object.values(architectures);
    await getEmulators(all, progress);
    const lines: string[] = [];
    for (const architecture of all) lines.push(await getGuest(architecture, progress));
    return lines.join("\n");
  },
};

async function getEmulators(all: readonly Architecture[], progress: (line: string) => void): Promise<void> {
  const missing = all.filter(({ emulator }) => findCommand(emulator) === undefined);
  const programs = missing.map(({ emulator }) => emulator);
  const packages = missing.map(({ emulatorPackage }) => emulatorPackage);
  if (findCommand("mke2fs") === undefined) {
    programs.push("mke2fs");
    packages.push("e2fsprogs");
  }
  if (packages.length > 0) await installPackages(programs.join(", "), packages, progress);
}

async function getGuest(architecture: Architecture, progress: (line: string) => void): Promise<string> {
  const there = findGuest(architecture.name);
  const guest = there ?? (await makeGuest(architecture, progress));
  const { accelerator, because } = await chooseAccelerator(architecture, guest);
  return `${architecture.name}: ${there ? "already there" : "made"}: ${guest.folder}; runs by ${accelerator} (${because})`;
}
