/** Whether labs can be made at all: from the trial that made a small piece of one. */
import { type Finding, fine, limited, missing } from "./finding.ts";
import type { Machine } from "./machine.ts";
import type { TrialInside } from "./trial.ts";
import { usernsRemedy } from "./userns-remedy.ts";

const reload = "load the module: modprobe";

type Part = { what: string; good: string; refused: (machine: Machine) => string };

/** Each is needed by every lab. */
const parts: readonly (Part & { of: Exclude<keyof TrialInside, "realTime"> })[] = [
  {
    of: "namespace",
    what: "network namespaces",
    good: "one for each node",
    refused: () => "use a kernel with CONFIG_NET_NS, and allow some: sysctl -w user.max_net_namespaces=15000",
  },
  { of: "veth", what: "veth pairs", good: "one for each node", refused: () => `${reload} veth` },
  {
    of: "packets",
    what: "packet sockets",
    good: "AF_PACKET with a receive ring",
    refused: () => `${reload} af_packet`,
  },
  {
    of: "hosts",
    what: "own /etc/hosts",
    good: "nodes know each other by name",
    refused: ({ exists }) =>
      exists("/etc/hosts")
        ? "allow mount namespaces: sysctl -w user.max_mnt_namespaces=15000"
        : "make the file: touch /etc/hosts",
  },
];

export async function checkLabs(machine: Machine): Promise<Finding[]> {
  const { entry, inside } = await machine.trial();
  if (inside === undefined) return [refusedEntry(machine, entry ?? "it did not start")];
  const findings = parts.map(({ of, what, good, refused }) => {
    const said = inside[of];
    return said === null ? fine(what, good) : missing(what, said, refused(machine));
  });
  return [fine("rights", rights(machine)), ...findings, realTime(machine, inside.realTime)];
}

function rights({ uid }: Machine): string {
  return uid === 0
    ? "root"
    : "an ordinary user, by user namespaces: labs live inside one, root is not needed";
}

function refusedEntry(machine: Machine, said: string): Finding {
  const { uid } = machine;
  if (machine.findCommand("unshare") === undefined) {
    return missing("rights", said, "apt-get install util-linux");
  }
  const { why, remedy } = usernsRemedy(machine.read, machine.exists);
  const what =
    uid === 0 ? "root may not make namespaces here" : "an ordinary user may not make namespaces here";
  return missing("rights", `${what}: ${why} (${said})`, remedy);
}

function realTime({ uid, user }: Machine, said: string | null): Finding {
  const what = "real-time priority";
  if (said === null)
    return fine(what, "the wire comes before other programs, so busy cores do not make it late");
  const detail = "the wire runs at ordinary priority: on busy cores delays are some 0.1 ms less exact";
  const remedy =
    uid === 0
      ? "give it CAP_SYS_NICE, and a share of real time where control groups ration it"
      : `echo '${user} - rtprio 20' | sudo tee /etc/security/limits.d/brume.conf   (then log in again)`;
  return limited(what, detail, remedy);
}
