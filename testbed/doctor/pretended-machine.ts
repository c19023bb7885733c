/** A machine for tests that has everything; a test takes away or changes what it is about. */
import type { Machine } from "./machine.ts";

export function pretendedMachine(
  changes: Partial<Machine> = {},
  files: Readonly<Record<string, string>> = {},
): Machine {
  const there: Readonly<Record<string, string>> = {
    "/proc/sys/kernel/osrelease": "6.1.0",
    "/etc/hosts": "",
    ...files,
  };
  return {
    uid: 1000,
    user: "ada",
    nodeVersion: "v24.1.0",
    architecture: "x64",
    cores: 4,
    memoryBytes: 8 * 2 ** 30,
    read: (path) => there[path],
    exists: (path) => path in there || path === "/proc/net/if_inet6",
    findCommand: (name) => `/usr/bin/${name}`,
    trial: async () => ({
      entry: undefined,
      inside: { namespace: null, veth: null, packets: null, hosts: null, realTime: null },
    }),
    netem: async () => ({ lacks: [] }),
    cgroups: async () => ({
      hierarchies: [
        { version: 2, root: "/sys/fs/cgroup", controllers: ["cpu", "cpuacct", "memory", "freezer"] },
      ],
      lacks: {},
    }),
    checkKind: async () => undefined,
    coreScores: () => undefined,
    remains: () => ({ running: [], dead: [], strayInterfaces: [] }),
    ...changes,
  };
}
