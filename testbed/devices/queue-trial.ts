/** What requests feel under a CPU quota, beside what a core of that speed would have given them. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Cgroup, cgroupMembers, createCgroup, detectCgroups, pathsOf, removeCgroups } from "./cgroup.ts";

export type QueueTrial = { latenciesMs: number[]; usedCores: number } | { refused: string };

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

export async function tryQueue(
  cores: number,
  periodUs: number,
  arrivalsMs: readonly number[],
  workMs: number,
): Promise<QueueTrial> {
  const layout = await detectCgroups();
  const lab = `trial-${randomUUID().slice(0, 8)}`;
  const paths = pathsOf(cgroupMembers(layout, lab, "queue"));
  try {
    const { members, cpu } = await createCgroup(layout, lab, "queue", {
      cpuCores: cores,
      cpuPeriodUs: periodUs,
    });
    if (cpu?.enforced !== true) return { refused: cpu?.reason ?? "no CPU quota was set" };
    const group = new Cgroup(members);
    const startMs = performance.now();
    const latenciesMs = await serve(group, JSON.stringify({ arrivalsMs, workMs }));
    const { cpuSeconds = 0 } = await group.usage();
    return { latenciesMs, usedCores: (cpuSeconds * 1000) / (performance.now() - startMs) };
  } finally {
    await removeCgroups(paths);
  }
}

async function serve(group: Cgroup, input: string): Promise<number[]> {
  const command = [process.execPath, "--disable-warning=ExperimentalWarning", program];
  const child = spawn("/bin/sh", ["-c", `${group.joinCommand()} && exec "$@"`, "sh", ...command], {
    stdio: ["pipe", "pipe", "inherit"],
  });
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
