/** Which of Debian's packages a guest is made of, and how apt is asked for those of another architecture. */
import type { Architecture } from "./architectures.ts";

/** What a guest's programs come from; the kernel comes on top. Node.js is linked with libstdc++. */
const wanted = [
  "bash",
  "busybox-static",
  "coreutils",
  "dash",
  "ethtool",
  "findutils",
  "grep",
  "gzip",
  "hostname",
  "iperf3",
  "iproute2",
  "iputils-ping",
  "libc-bin",
  "libstdc++6",
  "mount",
  "openssh-server",
  "procps",
  "sed",
  "tar",
  "util-linux",
];

/** apt with a state of its own: it sees no installed package, and the machine's own apt never hears of it. */
export function aptSettings(architecture: Architecture, folder: string): string {
  const rows = [
    ["APT::Architecture", architecture.debian],
    ["Dir::State", `${folder}/state`],
    ["Dir::State::lists", `${folder}/state/lists`],
    ["Dir::State::status", `${folder}/status`],
    ["Dir::Cache", `${folder}/cache`],
    // The folder is the person's own; apt's own user may not be able to write there.
    ["APT::Sandbox::User", "root"],
  ];
  const lines = rows.map(([key, value]) => `${key} "${value}";\n`);
  return `#clear APT::Architectures;\nAPT::Architectures {"${architecture.debian}";};\n${lines.join("")}`;
}

export function askedPackages({ kernelPackage }: Architecture): string[] {
  return [kernelPackage, ...wanted];
}

/**
 * Of what apt would install, what is worth fetching: the packages that were asked for, the kernel behind its name, and
 * libraries. The rest serves the installing of packages, which never happens in a guest.
 */
export function chosenPackages(simulated: string): string[] {
  const names = simulated
    .split("\n")
    .filter((line) => line.startsWith("Inst "))
    .map((line) => line.split(" ")[1]!.replace(/:.*$/, ""));
  const isLibrary = (name: string) =>
    /^(lib|zlib)/.test(name) && !/perl|klibc|-data$|-common$|-bin$/.test(name);
  return names
    .filter((name) => wanted.includes(name) || /^linux-image-\d/.test(name) || isLibrary(name))
    .sort();
}
