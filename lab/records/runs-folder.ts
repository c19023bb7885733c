/** Where records of runs lie, and which run of a sweep is done already. */
import { join, resolve } from "node:path";
import { readJson } from "./replaced-file.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** `data/runs` of the checkout `root`, unless somebody wants them elsewhere. */
export function runsFolder(root: string, environment: Environment, out?: string): string {
  return resolve(out ?? (environment.BRUME_RUNS || join(root, "data", "runs")));
}

/** Its summary says that it is, and its manifest that it was the same run. */
export function isDone(folder: string, fingerprint: string): boolean {
  const summary = readJson(join(folder, "summary.json")) as { outcome?: unknown } | undefined;
  const manifest = readJson(join(folder, "manifest.json")) as { fingerprint?: unknown } | undefined;
  return summary?.outcome === "done" && manifest?.fingerprint === fingerprint;
}
