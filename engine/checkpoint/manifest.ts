/**
 * The document that makes a checkpoint: it is written last, in one put, and names everything that belongs to it. What
 * has no manifest was never complete.
 */
import type { CheckpointKind, CheckpointMode, JobSpec, SubtaskId } from "../runtime/messages.ts";
import { readPart } from "./part.ts";
import { damaged, openJson, sealJson } from "./sealed-json.ts";

export type TaskDescription = {
  readonly name: string;
  readonly parallelism: number;
  /** State is found by these, since tasks are cut anew at another parallelism. */
  readonly operators: readonly string[];
  readonly assignment: { readonly version: number; readonly subtaskOf: readonly number[] };
};

export type Manifest = {
  /** The job's name in the store. */
  readonly name: string;
  readonly job: JobSpec;
  readonly checkpoint: number;
  readonly attempt: number;
  readonly kind: CheckpointKind;
  readonly mode: CheckpointMode;
  readonly startedMs: number;
  readonly completedMs: number;
  readonly tasks: readonly TaskDescription[];
  /** By task, then by subtask: complete. */
  readonly parts: readonly ManifestPart[];
};

/** `part` is what the subtask said of itself; `part.ts` knows its shape. */
export type ManifestPart = SubtaskId & { readonly part: unknown };

const is = "brume-manifest";
const format = 1;

export const encodeManifest = (manifest: Manifest): Uint8Array => sealJson(is, format, manifest);

export function decodeManifest(bytes: Uint8Array, name: string): Manifest {
  const content = openJson(is, [format], bytes, name) as Partial<Manifest> | null;
  const { tasks, parts, job } = content ?? {};
  if (!Array.isArray(tasks) || !Array.isArray(parts) || typeof job !== "object") {
    throw damaged(name, "it lists no tasks or no parts");
  }
  checkParts(content as Manifest, name);
  return content as Manifest;
}

function checkParts(manifest: Manifest, name: string): void {
  for (const { part } of manifest.parts) readPart(part, name);
  const found = new Set(manifest.parts.map(subtaskName));
  for (const [task, { parallelism, name: taskName }] of manifest.tasks.entries()) {
    for (let subtask = 0; subtask < parallelism; subtask++) {
      if (!found.has(subtaskName({ task, subtask }))) {
        throw damaged(name, `the part of subtask ${subtask} of ${taskName} is missing`);
      }
    }
  }
}

export const subtaskName = ({ task, subtask }: SubtaskId) => `${task}-${subtask}`;
