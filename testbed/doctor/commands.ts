/** The programs that brume and its tests start, and the Debian package that has each. To use another one, add a row. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** `lab`: no lab without it. `person`: handy on a node. `tests`: measured with, or the kernel that they boot. */
export type Use = "lab" | "person" | "tests";

type Row = {
  packages: string;
  use: Use;
  why: string;
  /** Debian starts it for the whole machine as soon as it is installed. */
  startsService?: true;
};

export const commands = {
  unshare: { packages: "util-linux", use: "lab", why: "makes namespaces" },
  nsenter: { packages: "util-linux", use: "lab", why: "enters them" },
  mount: { packages: "mount", use: "lab", why: "gives a node its own /etc/hosts" },
  ping: { packages: "iputils-ping", use: "person", why: "to try a link by hand" },
  iperf3: { packages: "iperf3", use: "person", why: "to load a link by hand" },
  ip: { packages: "iproute2", use: "person", why: "to look around on a node; the netem fabric needs it" },
  tc: { packages: "iproute2", use: "person", why: "the netem fabric needs it" },
  sshd: {
    packages: "openssh-server",
    use: "tests",
    why: "machines that are reached by ssh",
    startsService: true,
  },
  sudo: { packages: "sudo", use: "tests", why: "an ordinary user of such a machine" },
  setpriv: { packages: "util-linux", use: "tests", why: "runs them again as an ordinary user" },
  script: { packages: "bsdutils", use: "tests", why: "a terminal at which passwords are asked for" },
  "linux.uml": { packages: "user-mode-linux", use: "tests", why: "a kernel that has netem" },
  modprobe: { packages: "kmod", use: "tests", why: "loads that kernel's modules" },
  "chromium-headless-shell": {
    packages: "chromium-headless-shell fonts-dejavu-core",
    use: "tests",
    why: "opens the page that analyse writes",
  },
  dockerd: { packages: "docker.io iptables", use: "tests", why: "containers as nodes", startsService: true },
  busybox: { packages: "busybox-static", use: "tests", why: "what brume's own container image is made of" },
  "qemu-system-x86_64": { packages: "qemu-system-x86", use: "tests", why: "virtual machines as nodes" },
  mke2fs: { packages: "e2fsprogs", use: "tests", why: "makes their disks" },
  cc: {
    packages: "gcc libc6-dev",
    use: "tests",
    why: "builds what user-mode Linux needs on some processors",
  },
} as const satisfies Readonly<Record<string, Row>>;

export type Command = keyof typeof commands;
export const commandNames = Object.keys(commands) as Command[];

/** As the shell finds it, and in the folders that an ordinary user's PATH often lacks. */
export function findCommand(name: string, path = process.env.PATH ?? ""): string | undefined {
  const folders = [...path.split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** For the `skip` of a test: false when all are there, else what is missing and the command that gets it. */
export function lacking(...names: readonly Command[]): string | false {
  const missing = names.filter((name) => findCommand(name) === undefined);
  return missing.length > 0 && `needs ${missing.join(", ")}: ${installCommand(missing)}`;
}

export function installCommand(names: readonly Command[]): string {
  return `apt-get install --no-install-recommends ${packagesOf(names).join(" ")}`;
}

export function startsService(name: Command): boolean {
  const row: Row = commands[name];
  return row.startsService === true;
}

export function packagesOf(names: readonly Command[]): string[] {
  return [...new Set(names.flatMap((name) => commands[name].packages.split(" ")))].sort();
}
