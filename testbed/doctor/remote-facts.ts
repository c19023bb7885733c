/** What a node's own machine tells of itself: one shell script that any Linux can run, and what its answer means. */
import { engineSocket } from "#testbed/nodes/docker/far/engine.ts";

export type RemoteFacts = {
  /** As the maker calls it: "Raspberry Pi 4 Model B Rev 1.4". */
  model?: string;
  system?: string;
  kernel: string;
  architecture: string;
  /** Of its programs: a 64-bit kernel may carry a 32-bit system. */
  bits?: number;
  /** "glibc 2.36"; absent where the C library is another one. */
  library?: string;
  cores: number;
  memoryBytes: number;
  availableBytes?: number;
  loadOneMinute?: number;
  celsius?: number;
  /** Of a Raspberry Pi's firmware; see `throttleBits` in check-remote.ts. */
  throttled?: number;
  /** The kernel's own watch over a Pi's supply. */
  voltageAlarm?: boolean;
  governor?: string;
  diskFreeBytes?: number;
  /** Undefined: nothing there can tell. */
  clockSynchronized?: boolean;
  user: string;
  /** How it becomes root; `asks`: only with a password. */
  root: "is" | "sudo" | "asks" | "never";
  lacks: string[];
  /** The kernel's own words where it refused, "" where it worked; absent where nobody could try. */
  vxlan?: string;
  netem?: string;
  /** Docker's, asked as root where the login may become that; absent where nobody wanted to know. */
  engine?: { isThere: boolean; version?: string; refusal?: string };
  /** What control groups may limit there. */
  controllers: string[];
  nodeVersion?: string;
  bootId: string;
};

/** Of another machine a node needs these and a shell. */
const programs = ["ip", "unshare", "nsenter", "mount"] as const;

/**
 * Changes nothing that lasts: what has to be tried is tried in a network namespace that ends with the command. Each line
 * is a name, a tab and a value. Its argument is the node's kind: who has no use for Docker does not wake it.
 */
export const factsScript = `
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
say() { printf '%s\\t%s\\n' "$1" "$(printf %s "$2" | tr '\\n\\t' '  ')"; }
has() { command -v "$1" >/dev/null 2>&1; }
first() { for file in "$@"; do if [ -r "$file" ]; then tr -d '\\0' <"$file" 2>/dev/null && return; fi; done; }
say model "$(first /proc/device-tree/model /sys/class/dmi/id/product_name)"
say system "$(. /etc/os-release 2>/dev/null; printf %s "\${PRETTY_NAME:-}")"
say kernel "$(uname -r)"
say architecture "$(uname -m)"
if has getconf; then say bits "$(getconf LONG_BIT 2>/dev/null)"; say library "$(getconf GNU_LIBC_VERSION 2>/dev/null)"; fi
say cores "$(grep -c '^processor' /proc/cpuinfo)"
say memoryKiB "$(sed -n 's/^MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)"
say availableKiB "$(sed -n 's/^MemAvailable: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)"
say load "$(cut -d' ' -f1 /proc/loadavg)"
say milliCelsius "$(cat /sys/class/thermal/thermal_zone*/temp 2>/dev/null | sort -n | tail -n 1)"
if has vcgencmd; then say throttled "$(vcgencmd get_throttled 2>/dev/null)"; fi
for watch in /sys/class/hwmon/hwmon*; do
  if [ "$(cat "$watch/name" 2>/dev/null)" = rpi_volt ]; then say voltageAlarm "$(cat "$watch/in0_lcrit_alarm" 2>/dev/null)"; fi
done
say governor "$(first /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor)"
say diskKiB "$(df -Pk "\${HOME:-/}" 2>/dev/null | { read -r _; read -r _ _ _ free _; printf %s "$free"; })"
if has timedatectl; then say synchronized "$(timedatectl show -p NTPSynchronized --value 2>/dev/null)"; fi
if has chronyc; then say chrony "$(chronyc -n tracking 2>/dev/null | sed -n 's/^Leap status *: //p')"; fi
say user "$(id -un)"
become=
if [ "$(id -u)" = 0 ]; then say root is
elif ! has sudo; then say root never
elif sudo -n true >/dev/null 2>&1; then say root sudo; become='sudo -n'
else say root asks
fi
for program in ${programs.join(" ")}; do has "$program" || say lacks "$program"; done
try() { if said=$($become unshare --net sh -c "$2" 2>&1); then say "$1" ""; else say "$1" "\${said:-refused}"; fi; }
if { [ "$(id -u)" = 0 ] || [ -n "$become" ]; } && has unshare && has ip; then
  try vxlan 'ip link add brume-trial type vxlan id 1 remote 192.0.2.1 dstport 14789'
  if has tc; then try netem 'ip link set lo up && tc qdisc add dev lo root netem delay 1ms'; fi
fi
ask() { said=$($become timeout 10 "$@" 2>&1) || said="\${said:-no answer for 10 s}"; say engineSaid "$said"; }
if [ "\${1:-}" = docker ] && [ ! -S ${engineSocket} ]; then say engine absent
elif [ "\${1:-}" = docker ]; then
  say engine there
  if has curl; then ask curl -qsS --noproxy '*' --unix-socket ${engineSocket} http://docker/version
  elif has docker; then ask docker --host unix://${engineSocket} version --format '{{json .Server}}'
  fi
fi
if [ -r /sys/fs/cgroup/cgroup.controllers ]; then say controllers "$(cat /sys/fs/cgroup/cgroup.controllers)"
else say controllers "$(sed -n 's/^\\([a-z_]*\\)[[:space:]].*[[:space:]]1$/\\1/p' /proc/cgroups 2>/dev/null)"
fi
if has node; then say node "$(node --version 2>/dev/null)"; fi
say boot "$(cat /proc/sys/kernel/random/boot_id)"
say end yes
`;

export class UnreadableFacts extends Error {}

/** Pure. An answer that breaks off is no answer. */
export function readFacts(answer: string): RemoteFacts {
  const lines = answer.split("\n").flatMap((line) => {
    const tab = line.indexOf("\t");
    return tab < 0 ? [] : [[line.slice(0, tab), line.slice(tab + 1).trim()] as const];
  });
  const words = new Map(lines.filter(([name]) => name !== "lacks"));
  const text = (name: string) => words.get(name) || undefined;
  const count = (name: string, scale = 1) => {
    const value = text(name);
    return value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value) * scale;
  };
  const needed = <Value>(name: string, value: Value | undefined): Value => {
    if (value === undefined) throw new UnreadableFacts(`its answer holds no ${name}`);
    return value;
  };
  needed("end", text("end"));
  const facts = {
    model: text("model"),
    system: text("system"),
    bits: count("bits"),
    library: text("library"),
    availableBytes: count("availableKiB", 1024),
    loadOneMinute: count("load"),
    celsius: count("milliCelsius", 1e-3),
    throttled: hexOf(text("throttled")),
    voltageAlarm: text("voltageAlarm") === undefined ? undefined : text("voltageAlarm") === "1",
    governor: text("governor"),
    diskFreeBytes: count("diskKiB", 1024),
    clockSynchronized: synchronized(text("synchronized"), text("chrony")),
    vxlan: words.get("vxlan"),
    netem: words.get("netem"),
    engine: engineOf(text("engine"), text("engineSaid")),
    nodeVersion: text("node"),
  };
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(known) as { [Key in keyof typeof facts]?: NonNullable<(typeof facts)[Key]> }),
    kernel: needed("kernel", text("kernel")),
    architecture: needed("architecture", text("architecture")),
    cores: needed("cores", count("cores")),
    memoryBytes: needed("memory", count("memoryKiB", 1024)),
    user: needed("user", text("user")),
    root: needed("root", rootOf(text("root"))),
    lacks: lines.flatMap(([name, value]) => (name === "lacks" ? [value] : [])),
    controllers: text("controllers")?.split(/\s+/) ?? [],
    bootId: needed("boot", text("boot")),
  };
}

/** `throttled=0x50005` */
function hexOf(said: string | undefined): number | undefined {
  const digits = /0x([0-9a-f]+)/i.exec(said ?? "")?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** `said`: what it tells of itself, whose last `Version` is its own and not a part's; or why nobody got that far. */
function engineOf(there?: string, said?: string): RemoteFacts["engine"] {
  if (there !== "there") return there === undefined ? undefined : { isThere: false };
  const version = [...(said ?? "").matchAll(/"Version":"([^"]+)"/g)].at(-1)?.[1];
  if (version !== undefined) return { isThere: true, version };
  return { isThere: true, ...(said !== undefined && { refusal: said }) };
}

/** Whichever service keeps the clock: systemd's word covers chrony too, chrony's own is there without systemd. */
function synchronized(systemd: string | undefined, chrony: string | undefined): boolean | undefined {
  if (chrony !== undefined) return /^normal$/i.test(chrony);
  return systemd === undefined ? undefined : systemd === "yes";
}

function rootOf(word: string | undefined): RemoteFacts["root"] | undefined {
  return (["is", "sudo", "asks", "never"] as const).find((each) => each === word);
}
