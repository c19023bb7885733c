/** The scores of the machine that brume runs on, measured once and kept in the user's cache folder. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, homedir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Machine } from "./calibrate.ts";
import { kernelsRevision, type Scores } from "./kernels.ts";
import { quickRuns, runKernelsInProcess } from "./kernels-process.ts";

const kept = z.record(
  z.string(),
  z.object({
    integer: z.number().positive(),
    float: z.number().positive(),
    memory: z.number().positive(),
    json: z.number().positive(),
  }),
);

type HostScoresOptions = {
  file?: string;
  /** What the scores depend on; another CPU, runtime or kernel revision is measured anew. */
  key?: string;
  measure?: () => Promise<Scores>;
};

export function hostScoresFile(environment: NodeJS.ProcessEnv = process.env): string {
  const cache = environment.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "brume", "host-scores.json");
}

export function hostKey(): string {
  return `${cpus()[0]?.model.trim() ?? process.arch}, node ${process.version}, kernels ${kernelsRevision}`;
}

/** From the cache, or measured in less than a second on a server core and then kept. */
export async function hostScores(options: HostScoresOptions = {}): Promise<Scores> {
  const { file = hostScoresFile(), key = hostKey(), measure = quickScores } = options;
  const known = (await readKept(file))[key];
  if (known) return known;
  const scores = await measure();
  await keepHostScores(scores, { file, key });
  return scores;
}

/** By the CPU clock: a lab may well be provisioned while something else is running. */
async function quickScores(): Promise<Scores> {
  return (await runKernelsInProcess(quickRuns)).byCpu;
}

/** A cache that cannot be written costs the next caller a second; it is no reason to fail. */
export async function keepHostScores(
  scores: Scores,
  { file = hostScoresFile(), key = hostKey() }: Omit<HostScoresOptions, "measure"> = {},
): Promise<boolean> {
  try {
    await mkdir(dirname(file), { recursive: true });
    const text = JSON.stringify({ ...(await readKept(file)), [key]: scores }, undefined, 1);
    // Renamed into place: a reader at the same time sees the old file or the new one, never half of it.
    const draft = `${file}.${process.pid}`;
    await writeFile(draft, `${text}\n`);
    await rename(draft, file);
    return true;
  } catch {
    return false;
  }
}

/** A missing, damaged or foreign file counts as empty: it is a cache. */
async function readKept(file: string): Promise<Record<string, Scores>> {
  try {
    return kept.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return {};
  }
}

/** This machine as calibration sees it. */
export function thisMachine(scores: Scores): Machine {
  return { cores: availableParallelism(), memoryBytes: totalmem(), scores };
}
