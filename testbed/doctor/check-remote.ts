/** Whether another machine can be a node, and whether what is measured on it can be trusted: judged from what it tells. */
import { checkEngine } from "./check-engine.ts";
import { type Finding, fine, limited, missing } from "./finding.ts";
import type { RemoteFacts } from "./remote-facts.ts";

export type Visit = { facts: RemoteFacts; clock?: { offsetMs: number; uncertaintyMs: number } };

/** The runtime is shipped for these, by what `uname -m` says. */
const shippedFor: Readonly<Record<string, number>> = { x86_64: 64, aarch64: 64 };

/** Node.js 24 is linked against it. */
const leastGlibc = [2, 28] as const;

/** A Raspberry Pi slows down from here on: 80 °C is the soft limit of the firmware, 85 °C the hard one. */
const hotCelsius = 80;
const warmCelsius = 70;

/** Node.js, the program and what a lab leaves: unpacked some 250 MB. */
const leastFreeBytes = 400e6;
const comfortableFreeBytes = 1e9;

/** Offsets are measured and counted out; this much means that nobody keeps that clock at all. */
const strangeOffsetMs = 1000;

/** Of `vcgencmd get_throttled`: bits 0 to 3 are of now, the same from 16 on of any moment since the boot. */
const throttleBits = { voltage: 1 << 0, capped: 1 << 1, throttled: 1 << 2, hot: 1 << 3 } as const;

export function checkRemote(visit: Visit, device: string): Finding[] {
  const { facts } = visit;
  return [
    fine("machine", describe(facts)),
    ...checkSystemOf(facts),
    checkRights(facts),
    ...checkPrograms(facts),
    ...checkTunnel(facts),
    ...checkEngine(facts),
    ...checkPower(facts),
    checkHeat(facts),
    checkDisk(facts),
    checkClock(visit),
    ...checkControllers(facts, device),
    fine("netem", `${facts.netem === "" ? "there" : "not there"}, and not needed: conditions are made here`),
    fine("Node.js", `${facts.nodeVersion ?? "none"} of its own; brume brings the one that it uses`),
  ];
}

function describe({ model, architecture, cores, memoryBytes, kernel, system, ...rest }: RemoteFacts): string {
  const load = rest.loadOneMinute === undefined ? [] : [`load ${rest.loadOneMinute.toFixed(2)}`];
  return [
    model ?? "unknown model",
    `${architecture}, ${cores} cores, ${gib(memoryBytes)}`,
    `Linux ${kernel}${system === undefined ? "" : `, ${system}`}`,
    ...load,
  ].join("; ");
}

function checkSystemOf({ architecture, bits = 64, library }: RemoteFacts): Finding[] {
  const what = "system";
  const systems = Object.keys(shippedFor).join(" or ");
  if (shippedFor[architecture] === undefined || bits !== shippedFor[architecture]) {
    const detail = `${architecture} with programs of ${bits} bits: Node.js 24 comes for ${systems}, 64 bits`;
    return [missing(what, detail, "install the 64-bit image (docs/pi-rack.md, The image)")];
  }
  if (library === undefined) {
    const remedy = "install Debian, Ubuntu or Raspberry Pi OS on it";
    return [missing(what, "no glibc, against which the shipped Node.js is linked", remedy)];
  }
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(library) ?? []).slice(1).map(Number);
  const old = major < leastGlibc[0] || (major === leastGlibc[0] && minor < leastGlibc[1]);
  if (!old) return [fine(what, `${bits} bits, ${library}`)];
  return [
    missing(what, `${library}: Node.js 24 needs ${leastGlibc.join(".")} or newer`, "upgrade its system"),
  ];
}

function checkRights({ user, root }: RemoteFacts): Finding {
  const what = "rights";
  switch (root) {
    case "is":
      return fine(what, `${user}, who is root`);
    case "sudo":
      return fine(what, `${user}, by sudo without a password`);
    default: {
      const line = `${user} ALL=(ALL) NOPASSWD:ALL`;
      const remedy = `on it, as root: echo '${line}' > /etc/sudoers.d/brume && chmod 440 /etc/sudoers.d/brume`;
      const detail = root === "asks" ? "sudo asks for a password" : "there is no sudo";
      const install = root === "asks" ? "" : "apt-get install sudo && ";
      return missing(what, `${user} cannot become root: ${detail}`, remedy.replace("echo", `${install}echo`));
    }
  }
}

const packageOf: Readonly<Record<string, string>> = {
  ip: "iproute2",
  unshare: "util-linux",
  nsenter: "util-linux",
  mount: "mount",
};

function checkPrograms({ lacks }: RemoteFacts): Finding[] {
  const what = "programs";
  if (lacks.length === 0) return [fine(what, "ip, unshare, nsenter, mount")];
  const packages = [...new Set(lacks.map((name) => packageOf[name] ?? name))].sort().join(" ");
  return [missing(what, `${lacks.join(", ")} not found`, `on it: sudo apt-get install ${packages}`)];
}

/** Not tried where its rights or programs do not reach: that has been said then. */
function checkTunnel({ vxlan, system = "", kernel }: RemoteFacts): Finding[] {
  if (vxlan === undefined) return [];
  if (vxlan === "") return [fine("vxlan", "its end of the tunnel can be made")];
  // Ubuntu keeps all but the commonest modules of a Pi's kernel in a package of their own.
  const isUbuntuPi = /ubuntu/i.test(system) && /raspi/.test(kernel);
  const remedy = isUbuntuPi
    ? "on it: sudo apt-get install linux-modules-extra-raspi && sudo reboot"
    : "on it: sudo modprobe vxlan; where that fails, use a kernel with CONFIG_VXLAN";
  return [missing("vxlan", `the kernel refuses its end of the tunnel: ${vxlan}`, remedy)];
}

function checkPower({ throttled, voltageAlarm }: RemoteFacts): Finding[] {
  if (throttled === undefined && voltageAlarm === undefined) return [];
  const bits = throttled ?? 0;
  const now = (bit: number) => (bits & bit) !== 0;
  const before = (bit: number) => (bits & (bit << 16)) !== 0;
  const { voltage, capped, hot } = throttleBits;
  const supply =
    "a supply made for this model (5.1 V; 3 A for a Pi 4, 5 A for a Pi 5) and a short, thick cable; less on its USB";
  if (now(voltage) || voltageAlarm === true)
    return [limited("power", "undervoltage now: it runs slower than it is", supply)];
  if (before(voltage))
    return [limited("power", "undervoltage since its boot: some figures came from a slow board", supply)];
  const slowed = [now, before].find((at) => at(throttleBits.throttled) || at(capped) || at(hot));
  if (slowed === undefined) return [fine("power", "no undervoltage, and never slowed down since its boot")];
  const when = slowed === now ? "now" : "since its boot";
  return [
    limited("power", `slowed down by heat ${when}`, "a heat sink or a fan, and air between the boards"),
  ];
}

function checkHeat({ celsius }: RemoteFacts): Finding {
  if (celsius === undefined) return fine("temperature", "it has no sensor that can be read");
  const detail = `${celsius.toFixed(0)} °C`;
  const cool = "a heat sink or a fan, and air between the boards";
  if (celsius >= hotCelsius)
    return limited("temperature", `${detail}: a Pi slows down from ${hotCelsius}`, cool);
  if (celsius >= warmCelsius)
    return limited("temperature", `${detail}: under load it will pass ${hotCelsius} and slow down`, cool);
  return fine("temperature", detail);
}

function checkDisk({ diskFreeBytes }: RemoteFacts): Finding {
  if (diskFreeBytes === undefined) return fine("disk", "it does not tell how much is free");
  const detail = `${(diskFreeBytes / 1e9).toFixed(1)} GB free in the home folder`;
  const remedy = "make room there, for example: sudo apt-get clean; or use a larger card";
  if (diskFreeBytes < leastFreeBytes)
    return missing("disk", `${detail}; the runtime takes some 0.3 GB`, remedy);
  if (diskFreeBytes < comfortableFreeBytes)
    return limited("disk", `${detail}; state and logs need some`, remedy);
  return fine("disk", detail);
}

function checkClock({ facts: { clockSynchronized }, clock }: Visit): Finding {
  const what = "clock";
  const offset =
    clock === undefined
      ? "offset not measured"
      : `${signed(clock.offsetMs)} ms from this machine's, ±${clock.uncertaintyMs.toFixed(1)}`;
  const remedy =
    "on it: sudo apt-get install chrony   (and let it reach a time server: docs/pi-rack.md, The clock)";
  if (clock !== undefined && Math.abs(clock.offsetMs) > strangeOffsetMs)
    return limited(what, `${offset}: nobody keeps it`, remedy);
  if (clockSynchronized === false) return limited(what, `${offset}; not synchronised`, remedy);
  if (clockSynchronized === undefined)
    return fine(what, `${offset}; nothing there tells whether it is synchronised`);
  return fine(what, `${offset}; synchronised`);
}

/** Raspberry Pi OS boots with the memory controller off. */
function checkControllers({ controllers }: RemoteFacts, device: string): Finding[] {
  if (device === "none") return [];
  const what = "device class";
  const lacks = ["cpu", "memory"].filter((name) => !controllers.includes(name));
  if (lacks.length === 0) return [fine(what, `${device}: control groups can hold it to that`)];
  const detail = `${device}: no control group of ${lacks.join(" and ")} there, so it is not limited in that`;
  const remedy = lacks.includes("memory")
    ? "on it: add cgroup_enable=memory to the line in /boot/firmware/cmdline.txt, and reboot"
    : "on it: mount the control groups, or use a kernel with CONFIG_CFS_BANDWIDTH";
  return [limited(what, detail, remedy)];
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
