/** What brume stands on: runtime, kernel, programs. */
import { commandNames, commands, installCommand, type Use } from "./commands.ts";
import { type Finding, fine, limited, missing } from "./finding.ts";
import type { Machine } from "./machine.ts";

/** System call numbers and structures are known for these. */
const architectures = ["x64", "arm64"];

export function checkSystem(machine: Machine): Finding[] {
  const release = machine.read("/proc/sys/kernel/osrelease");
  const { architecture, nodeVersion } = machine;
  return [
    fine("Node.js", nodeVersion),
    release === undefined
      ? missing("Linux", "this is no Linux kernel", "run brume in a Linux machine or virtual machine")
      : fine(
          "Linux",
          `${release}, ${machine.cores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
        ),
    architectures.includes(architecture)
      ? fine("processor", architecture)
      : missing("processor", `${architecture} is not supported`, `use one of: ${architectures.join(", ")}`),
    machine.exists("/proc/net/if_inet6")
      ? fine("IPv6", "nodes have addresses of both families")
      : limited("IPv6", "switched off: nodes have IPv4 addresses only", "boot without ipv6.disable=1"),
    // Said because it is often asked for: many emulators need it, and ordinary users mostly may not open it.
    fine("/dev/net/tun", "not needed"),
  ];
}

const consequences: Readonly<Record<Use, string>> = {
  lab: "no lab runs without",
  person: "to look and try by hand",
  tests: "npm test leaves out what needs it",
};

export function checkCommands(machine: Machine): Finding[] {
  return (["lab", "person", "tests"] as const).map((use) => {
    const all = commandNames.filter((name) => commands[name].use === use);
    const absent = all.filter((name) => machine.findCommand(name) === undefined);
    const what = `programs (${use})`;
    if (absent.length === 0) return fine(what, all.join(", "));
    const detail = `${absent.map((name) => `${name} (${commands[name].why})`).join(", ")}: ${consequences[use]}`;
    const remedy = installCommand(absent);
    return use === "lab" ? missing(what, detail, remedy) : limited(what, detail, remedy);
  });
}
