/**
 * Finds the processes of a lab. Every node's loopback carries an address that belongs to that lab and node alone, so
 * a process is known by the namespace it stands in, even when the lab's keeper is dead and the process wiped its
 * environment; where the kernel has no IPv6, by the environment that brume gave it.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export type LabProcess = { pid: number; node: number };

export type Marks = {
  /** Upper 64 bits of the marker addresses as /proc/net/if_inet6 prints them: 16 hexadecimal digits. */
  addressPrefix: string;
  environment: string;
};

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // Gone meanwhile, or not ours to read: not ours to end either.
  }
}

export function processIds(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The node of a marked namespace; -1 for any other. */
function markedNode(interfaces: string, prefix: string): number {
  const line = interfaces.split("\n").find((each) => each.startsWith(prefix));
  return line === undefined ? -1 : Number.parseInt(line.slice(28, 32), 16);
}

export function labProcesses(marks: Marks): LabProcess[] {
  const byNamespace = new Map<string, number>();
  const found: LabProcess[] = [];
  for (const pid of processIds()) {
    if (pid === process.pid) continue;
    let namespace: string;
    try {
      namespace = readlinkSync(`/proc/${pid}/ns/net`);
    } catch {
      continue;
    }
    let node = byNamespace.get(namespace);
    if (node === undefined) {
      node = markedNode(read(`/proc/${pid}/net/if_inet6`), marks.addressPrefix);
      byNamespace.set(namespace, node);
    }
    if (node < 0) node = environmentNode(read(`/proc/${pid}/environ`), marks.environment);
    if (node >= 0) found.push({ pid, node });
  }
  return found;
}

function environmentNode(environment: string, mark: string): number {
  const entry = environment.split("\0").find((each) => each.startsWith(`${mark}/`));
  return entry === undefined ? -1 : Number(entry.slice(mark.length + 1));
}

/** Field 22 of /proc/PID/stat: with the pid it names one process for the life of this boot. */
export function startTicks(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === "") return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return undefined;
  return Number(fields[19]);
}

export function isAlive({ pid, startTicks: ticks }: { pid: number; startTicks: number }): boolean {
  return startTicks(pid) === ticks;
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Ends what `find` finds until it finds nothing: what forks while it is being killed is found the next time. */
export async function killAll(
  find: () => readonly number[],
  pause: (ms: number) => Promise<void>,
): Promise<boolean> {
  for (let round = 0; round < 100; round++) {
    const pids = find();
    if (pids.length === 0) return true;
    for (const pid of pids) signal(pid, "SIGKILL");
    await pause(Math.min(5 * (round + 1), 50));
  }
  return false;
}

export function bootId(): string {
  return read("/proc/sys/kernel/random/boot_id").trim();
}

/** Processes that were started to keep the lab in this folder, found by their command line. */
export function keeperProcesses(folder: string): number[] {
  return processIds().filter((pid) => {
    const words = read(`/proc/${pid}/cmdline`).split("\0");
    return (
      pid !== process.pid && words.includes(folder) && words.some((word) => word.endsWith("/keeper/main.ts"))
    );
  });
}
