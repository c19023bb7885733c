/** Device classes: whether control groups can hold a node to its share of CPU and memory. */
import { controllers } from "#testbed/devices/cgroup-version.ts";
import { type Finding, fine, limited } from "./finding.ts";
import type { Machine } from "./machine.ts";

const meaning = {
  cpu: "nodes run at full speed",
  cpuacct: "no CPU time per node",
  memory: "nodes may use all memory",
  freezer: "pause works by signals",
} as const;

export async function checkLimits(machine: Machine): Promise<Finding> {
  const { hierarchies, lacks } = await machine.cgroups();
  const versions = [...new Set(hierarchies.map(({ version }) => `v${version}`))].join(" and ");
  const held = controllers.filter((name) => lacks[name] === undefined);
  const what = "device classes";
  if (held.length === controllers.length) return fine(what, `cgroup ${versions}: ${held.join(", ")}`);
  const absent = controllers.filter((name) => lacks[name] !== undefined);
  const effects = absent.map((name) => `${name}: ${meaning[name]}`).join("; ");
  const reasons = [...new Set(absent.map((name) => lacks[name]!))].join("; ");
  return limited(what, `not limited here (${effects}); ${reasons}`, remedy(machine));
}

/** systemd gives a user's session cpu and memory only when told to. */
function remedy({ uid, exists }: Machine): string {
  if (uid === 0) return "mount the control groups: mount -t cgroup2 none /sys/fs/cgroup";
  if (!exists("/run/systemd/system"))
    return "run brume as root, or have root delegate a control group to this user";
  return (
    "printf '[Service]\\nDelegate=cpu memory pids\\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf" +
    " && sudo systemctl daemon-reload   (then log in again, and start brume by systemd-run --user --scope)"
  );
}
