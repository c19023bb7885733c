/** The command line of one virtual machine. Pure; nothing in it is secret, for everybody can read it. */
import type { Architecture } from "./architectures.ts";

export type Accelerator = "kvm" | "tcg";

export type MachinePlan = {
  architecture: Architecture;
  accelerator: Accelerator;
  memoryBytes: number;
  cpus: number;
  kernel: string;
  initrd: string;
  /** Words for the kernel beyond those that every guest gets. */
  kernelWords?: readonly string[];
  /** The node's own disk. */
  disk?: { path: string; format: "raw" | "qcow2" };
  /** Read-only disks that other machines use at the same time. */
  sharedDisks?: readonly string[];
  /** The interface of this machine that is the other end of the guest's cable. */
  tap?: { name: string; mac: string };
  /** What the guest's kernel says goes into this file, or to the standard output. */
  console: string | "stdout";
};

const mebibyte = 2 ** 20;

export function commandLine(plan: MachinePlan): string[] {
  const { architecture, accelerator } = plan;
  return [
    architecture.emulator,
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
    ...architecture.machine,
    ...["-accel", accelerator === "kvm" ? "kvm" : "tcg,thread=multi"],
    ...["-cpu", accelerator === "kvm" ? "host" : architecture.emulatedCpu],
    ...["-smp", String(plan.cpus), "-m", `${Math.ceil(plan.memoryBytes / mebibyte)}M`],
    ...["-serial", plan.console === "stdout" ? "stdio" : `file:${escaped(plan.console)}`],
    ...["-kernel", plan.kernel, "-initrd", plan.initrd, "-append", kernelLine(plan)],
    // A guest without entropy would wait for it before its first handshake.
    ...["-device", "virtio-rng-pci"],
    ...(plan.disk ? diskWords("own", plan.disk.path, plan.disk.format, false) : []),
    ...(plan.sharedDisks ?? []).flatMap((path, index) => diskWords(`shared${index}`, path, "raw", true)),
    ...(plan.tap ? cableWords(plan.tap) : []),
  ];
}

function kernelLine({ architecture, kernelWords = [] }: MachinePlan): string {
  // A panic ends the machine, as a node that is down, rather than leaving one that is neither up nor down.
  const words = [`console=${architecture.console}`, "loglevel=4", "panic=-1", "random.trust_cpu=on"];
  return [...words, ...architecture.kernelWords, ...kernelWords].join(" ");
}

/** Disks are found in this order: the own one is vda, the shared ones vdb and so on. */
function diskWords(id: string, path: string, format: string, readOnly: boolean): string[] {
  const drive = [`id=${id}`, "if=none", `format=${format}`, `file=${escaped(path)}`];
  // Shared ones stand in this machine's cache once for all guests.
  const more = readOnly ? ["readonly=on", "file.locking=off"] : ["discard=unmap"];
  return ["-drive", [...drive, ...more].join(","), "-device", `virtio-blk-pci,drive=${id}`];
}

/** QEMU makes the interface itself, and it goes with QEMU. */
function cableWords({ name, mac }: { name: string; mac: string }): string[] {
  return [
    ...["-netdev", `tap,id=cable,ifname=${name},script=no,downscript=no`],
    ...["-device", `virtio-net-pci,netdev=cable,mac=${mac},romfile=`],
  ];
}

/** In a list of settings a comma is written twice. */
function escaped(path: string): string {
  return path.replaceAll(",", ",,");
}
