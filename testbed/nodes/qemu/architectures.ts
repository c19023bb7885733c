/** What differs between the processors that a virtual machine of ours can have. To add one, add a row. */

export type ArchitectureName = "x86_64" | "aarch64";

export type Architecture = {
  name: ArchitectureName;
  /** As Debian calls it. */
  debian: string;
  /** As Node.js calls it. */
  node: "x64" | "arm64";
  /** QEMU's program, and the Debian package that has it. */
  emulator: string;
  emulatorPackage: string;
  kernelPackage: string;
  machine: readonly string[];
  /** The processor under TCG; the machine's own where KVM runs it. */
  emulatedCpu: string;
  /** Where the kernel prints while nothing else can be heard of it. */
  console: string;
  /** Words of the kernel's command line. */
  kernelWords: readonly string[];
};

export const architectures: Readonly<Record<ArchitectureName, Architecture>> = {
  x86_64: {
    name: "x86_64",
    debian: "amd64",
    node: "x64",
    emulator: "qemu-system-x86_64",
    emulatorPackage: "qemu-system-x86",
    kernelPackage: "linux-image-cloud-amd64",
    machine: ["-M", "q35"],
    emulatedCpu: "max",
    console: "ttyS0",
    // Guards against what other guests of a real processor could read cost an emulated one a fifth of its speed.
    kernelWords: ["mitigations=off", "tsc=reliable"],
  },
  aarch64: {
    name: "aarch64",
    debian: "arm64",
    node: "arm64",
    emulator: "qemu-system-aarch64",
    emulatorPackage: "qemu-system-arm",
    kernelPackage: "linux-image-cloud-arm64",
    machine: ["-M", "virt"],
    // Signed pointers by a cheap hash: the architecture's own one would be most of what is emulated.
    emulatedCpu: "max,pauth-impdef=on",
    console: "ttyAMA0",
    kernelWords: ["mitigations=off"],
  },
};

export function isArchitecture(name: string): name is ArchitectureName {
  return Object.hasOwn(architectures, name);
}

/** Of the machine that runs brume; undefined where it is neither. */
export function ownArchitecture(nodeArch: string = process.arch): ArchitectureName | undefined {
  return Object.values(architectures).find(({ node }) => node === nodeArch)?.name;
}
