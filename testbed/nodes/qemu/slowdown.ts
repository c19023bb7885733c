/**
 * How much slower a machine is than the one that it runs on. Measured inside the first one of its kind and then kept:
 * the next ones are told, so that no device class has to be measured again under emulation.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostScores } from "#testbed/devices/host-scores.ts";
import { kernelNames, kernelsRevision, type Scores } from "#testbed/devices/kernels.ts";
import type { Machine } from "../ssh/machine.ts";
import { machineKey } from "./accelerator.ts";
import type { Accelerator } from "./command-line.ts";
import type { Guest } from "./guest-store.ts";

export type Speed = { key: string; scores: Scores };

/** USER_HZ, which the kernel promises to programs whatever its own clock is. */
const ticksPerSecond = 100;
/** Where brume on the machine looks for its own scores; see host-scores.ts. */
const scoresInGuest = "/root/.cache/brume/host-scores.json";

/** `pid`: of the process that runs the machine. */
export async function slowdownOf(
  machine: Machine,
  pid: number,
  guest: Guest,
  accelerator: Accelerator,
): Promise<Scores> {
  const here = await hostScores();
  const file = join(guest.folder, `speed-${accelerator}-${machineKey()}-${kernelsRevision}.json`);
  if (!existsSync(file)) {
    const speed = await measure(machine, pid);
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(speed));
    renameSync(`${file}.${process.pid}`, file);
  }
  const { key, scores } = JSON.parse(readFileSync(file, "utf8")) as Speed;
  await machine.connection.putFile(scoresInGuest, { bytes: Buffer.from(JSON.stringify({ [key]: scores })) });
  return slowdownBetween(here, scores);
}

export function slowdownBetween(here: Scores, there: Scores): Scores {
  const factors = kernelNames.map((name) => [name, Number((here[name] / there[name]).toPrecision(3))]);
  return Object.fromEntries(factors) as Record<keyof Scores, number>;
}

async function measure(machine: Machine, pid: number): Promise<Speed> {
  const { node, root } = await machine.runtime();
  const program = join(root, "testbed/nodes/qemu/speed-main.ts");
  const startMs = performance.now();
  const startTicks = cpuTicks(pid);
  const { status, stdout, stderr } = await machine.connection.exec([node, program]);
  if (status !== 0) throw new Error(`the machine's speed cannot be measured: ${stderr.toString().trim()}`);
  const seconds = (performance.now() - startMs) / 1000;
  const speed = JSON.parse(stdout.toString()) as Speed;
  return atFullShare(speed, (cpuTicks(pid) - startTicks) / ticksPerSecond / seconds);
}

/**
 * A machine cannot see that its emulator got only a share of a processor that others wanted as well: what it took for
 * its own slowness was theirs. All that it did meanwhile was one thread's work.
 */
export function atFullShare({ key, scores }: Speed, share: number): Speed {
  const factor = Math.min(1, Math.max(share, 0.05));
  const corrected = kernelNames.map((name) => [name, scores[name] / factor]);
  return { key, scores: Object.fromEntries(corrected) as Record<keyof Scores, number> };
}

/** User and system time of a process with all its threads. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
