/** What the words after `./brume job` ask for, read and checked before anything is started. */
import { resolve } from "node:path";
import { isManifest, manifestName } from "#engine/checkpoint/names.ts";
import { isBlobName } from "#engine/checkpoint/stores/blob-name.ts";
import type { StartFrom } from "#engine/coordinator/coordinator-options.ts";
import { defaultMaxParallelism } from "#engine/dataflow/planner.ts";
import type { JobSpec, RuntimeSettings } from "#engine/runtime/messages.ts";
import type { StateBackend } from "#engine/state/state-backend.ts";
import { durationMs, sizeBytes } from "#engine/units.ts";
import { usageError } from "./arguments.ts";
import type { Arguments } from "./verb.ts";

const defaultStateCache = "64MB";

/** `out` is the folder for the results, if any are wanted. */
export function jobSpecOf(use: string, args: Arguments, out?: string): JobSpec {
  return {
    use: isFile(use) ? resolve(use) : use,
    settings: { ...args.others, ...given(args, "events"), ...(out === undefined ? {} : { out }) },
    parallelism: args.count("parallelism", 1, 1),
    maxParallelism: args.count("max-parallelism", defaultMaxParallelism, 1),
    parallelismOf: {},
  };
}

export function runtimeOf(args: Arguments): Partial<RuntimeSettings> {
  const flush = args.text("flush");
  const buffers = args.text("buffers");
  return {
    state: stateOf(args),
    ...(args.text("batch-rows") === undefined ? {} : { batchRows: args.count("batch-rows", 1, 1) }),
    ...(flush === undefined ? {} : { flushMs: durationMs(flush) }),
    ...(buffers === undefined ? {} : { bufferBytes: sizeBytes(buffers) }),
    ...alignmentOf(args),
  };
}

/** Left out where nothing is said: then sources have their own. */
export function alignmentOf(args: Arguments): Pick<RuntimeSettings, "alignmentMs"> {
  const align = args.text("align");
  if (align === undefined) return {};
  return { alignmentMs: align === "none" ? Number.POSITIVE_INFINITY : durationMs(align) };
}

export function modeOf(args: Arguments): "aligned" | "unaligned" {
  const mode = args.text("mode") ?? "aligned";
  if (mode === "aligned" || mode === "unaligned") return mode;
  throw usageError(`--mode ${mode}: there is no such mode`, "aligned or unaligned");
}

export function startOf(args: Arguments): StartFrom {
  const manifest = args.text("from-savepoint");
  const allowDroppedState = args.flag("allow-dropped-state");
  if (manifest === undefined) return args.flag("fresh") ? { from: "empty" } : { from: "resume" };
  if (args.text("store") === undefined)
    throw usageError("--from-savepoint wants the store that has it", "--store folder:DIR or minio:BUCKET");
  return { from: "savepoint", manifest: manifestOf(manifest), allowDroppedState };
}

/** Its folder's name does as well. */
function manifestOf(given: string): string {
  const name = isManifest(given) ? given : manifestName(given.replace(/\/$/, ""));
  if (isBlobName(name)) return name;
  const fix = "as ./brume savepoint prints it, from the store on: JOB/savepoints/NUMBER/manifest.json";
  throw usageError(`--from-savepoint ${given}: not a name in a store`, fix);
}

export function apiPortOf(args: Arguments): number {
  const port = args.count("api-port", 0);
  if (port <= 65_535) return port;
  throw usageError(`--api-port ${port}: there is no such port`, "1 to 65535, or 0 for any that is free");
}

/** A job file's name without its folders and ending. */
export function defaultName(use: string): string {
  return use.replace(/^.*\//, "").replace(/\.[cm]?[jt]s$/, "");
}

export const given = (args: Arguments, name: string): Record<string, string> => {
  const value = args.text(name);
  return value === undefined ? {} : { [name]: value };
};

/** Else it is a built-in job's name. */
const isFile = (use: string): boolean => /[./]/.test(use);

function stateOf(args: Arguments): StateBackend {
  const backend = args.text("state") ?? "memory";
  const cache = args.text("state-cache");
  if (backend === "disk") return { backend, cacheBytes: sizeBytes(cache ?? defaultStateCache) };
  if (backend !== "memory")
    throw usageError(`--state ${backend}: there is no such backend`, "memory or disk");
  if (cache === undefined) return { backend };
  throw usageError("--state-cache says how much of state on disk is in memory", "--state disk");
}
