/**
 * Runs the kernels in a process of their own: the caller's event loop stays free, a control group can hold it, and
 * garbage is collected on the measured core alone.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Cgroup, cgroupMembers, createCgroup, detectCgroups, pathsOf } from "./cgroup.ts";
import { removeCgroups } from "./cgroup-removal.ts";
import type { Measured } from "./kernels.ts";

type KernelRuns = { runs: number; scale: number; signal?: AbortSignal };

/** Less than a second on a server core. */
export const quickRuns: KernelRuns = { runs: 5, scale: 1 };
/** Each run is some 20 periods of the quota long, so that where in a period it starts makes no difference. */
export const thoroughRuns: KernelRuns = { runs: 9, scale: 5 };

/** `usedCores` is what the group's own CPU count says of the time that the kernels took. */
export type Capped =
  | { enforced: true; measured: Measured; usedCores?: number }
  | { enforced: false; reason: string };

const program = fileURLToPath(new URL("./kernels-main.ts", import.meta.url));
/** A Pi collects on its three other cores; here they would use up the quota of the one that is measured. */
const runtimeOptions = ["--disable-warning=ExperimentalWarning", "--single-threaded-gc"];
const joinRefused = 97;

export async function runKernelsInProcess(options: KernelRuns): Promise<Measured> {
  const { status, output, complaint } = await run(":", options);
  if (status !== 0) throw new Error(`the kernels ended with ${status}: ${complaint}`);
  return JSON.parse(output) as Measured;
}

/** Under a quota, in a group that is gone afterwards. */
export async function runKernelsCapped(cpuCores: number, options: KernelRuns): Promise<Capped> {
  const layout = await detectCgroups();
  const lab = `bench-${randomUUID().slice(0, 8)}`;
  const paths = pathsOf(cgroupMembers(layout, lab, "kernels"));
  try {
    const { members, cpu } = await createCgroup(layout, lab, "kernels", { cpuCores });
    if (cpu?.enforced !== true) return { enforced: false, reason: cpu?.reason ?? "no CPU quota was set" };
    const group = new Cgroup(members);
    const startMs = performance.now();
    const { status, output, complaint } = await run(group.joinCommand(), options);
    const tookSeconds = (performance.now() - startMs) / 1000;
    if (status === joinRefused)
      return { enforced: false, reason: `a process may not join the group: ${complaint}` };
    if (status !== 0) throw new Error(`the capped kernels ended with ${status}: ${complaint}`);
    const { cpuSeconds } = await group.usage();
    const measured = JSON.parse(output) as Measured;
    return {
      enforced: true,
      measured,
      ...(cpuSeconds !== undefined && { usedCores: cpuSeconds / tookSeconds }),
    };
  } finally {
    await removeCgroups(paths);
  }
}

type Ended = { status: number | null; output: string; complaint: string };

async function run(join: string, { runs, scale, signal }: KernelRuns): Promise<Ended> {
  const command = [process.execPath, ...runtimeOptions, program, `${runs}`, `${scale}`];
  const child = spawn("/bin/sh", ["-c", `${join} || exit ${joinRefused}; exec "$@"`, "sh", ...command], {
    stdio: ["ignore", "pipe", "pipe"],
    ...(signal && { signal, killSignal: "SIGKILL" as const }),
  });
  const texts = { output: "", complaint: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.complaint += text));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { status, output: texts.output, complaint: texts.complaint.trim() };
}
