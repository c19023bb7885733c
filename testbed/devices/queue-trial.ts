/** What requests feel under a CPU quota, beside what a core of that speed would have given them. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Cgroup, type CgroupMember, cgroupMembers, createCgroup, detectCgroups, pathsOf } from "./cgroup.ts";
import { realHost } from "./cgroup-host.ts";
import { removeCgroups } from "./cgroup-removal.ts";

type QueueTrial = { latenciesMs: number[]; usedCores: number } | { refused: string };

const program = fileURLToPath(new URL("./queue-main.ts", import.meta.url));

/** Exponential gaps from a seed, so that every period meets the same requests. */
export function arrivals(count: number, meanGapMs: number, random: () => number): number[] {
  let atMs = 0;
  return Array.from({ length: count }, () => (atMs += -Math.log(1 - random()) * meanGapMs));
}

/** One core of speed `cores`: each request starts when it has come and the one before it is done. */
export function idealLatencies(arrivalsMs: readonly number[], workMs: number, cores: number): number[] {
  let freeAtMs = 0;
  return arrivalsMs.map((arrivalMs) => {
    freeAtMs = Math.max(freeAtMs, arrivalMs) + workMs / cores;
    return freeAtMs - arrivalMs;
  });
}

type QueueOptions = {
  cores: number;
  periodUs: number;
  arrivalsMs: readonly number[];
  workMs: number;
  /** A busy loop beside the server, so that the quota is always used up. */
  busy: boolean;
};

export async function tryQueue({
  cores,
  periodUs,
  arrivalsMs,
  workMs,
  busy,
}: QueueOptions): Promise<QueueTrial> {
  const layout = await detectCgroups();
  const lab = `trial-${randomUUID().slice(0, 8)}`;
  const paths = pathsOf(cgroupMembers(layout, lab, "queue"));
  try {
    const { members, cpu } = await createCgroup(layout, lab, "queue", {
      cpuCores: cores,
      cpuPeriodUs: periodUs,
    });
    if (cpu?.enforced !== true) return { refused: cpu?.reason ?? "no CPU quota was set" };
    await favour(members);
    const group = new Cgroup(members);
    const startMs = performance.now();
    const latenciesMs = await serve(group, busy, JSON.stringify({ arrivalsMs, workMs }));
    const { cpuSeconds = 0 } = await group.usage();
    return { latenciesMs, usedCores: (cpuSeconds * 1000) / (performance.now() - startMs) };
  } finally {
    await removeCgroups(paths);
  }
}

/** First in line for a core, so that the figures tell of the quota and not of what else is running. */
async function favour(members: readonly CgroupMember[]): Promise<void> {
  const weights = { 1: ["cpu.shares", "262144"], 2: ["cpu.weight", "10000"] } as const;
  for (const { version, path, controllers } of members) {
    const [file, weight] = weights[version];
    if (controllers.includes("cpu")) await realHost.write(join(path, file), weight);
  }
}

async function serve(group: Cgroup, busy: boolean, input: string): Promise<number[]> {
  const command = [process.execPath, "--disable-warning=ExperimentalWarning", program];
  // The loop keeps none of the server's pipes open, and dies with the group.
  const loop = busy ? "(while :; do :; done) < /dev/null > /dev/null 2>&1 &" : "";
  const child = spawn(
    "/bin/sh",
    ["-c", `${group.joinCommand()} || exit 97; ${loop} exec "$@"`, "sh", ...command],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  child.stdin.end(input);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const status = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (status !== 0) throw new Error(`the server of the trial ended with ${status}`);
  return JSON.parse(output) as number[];
}
