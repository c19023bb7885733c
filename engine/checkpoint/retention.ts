/** Which blobs of a job nothing refers to any more. Pure: what to remove is decided here, removing is the coordinator's. */
import type { Manifest } from "./manifest.ts";
import { folderOf, isManifest, manifestName } from "./names.ts";
import { blobsOf, type Part } from "./part.ts";

export type Garbage = {
  /** To be removed first: a checkpoint that is half gone must not look complete. */
  readonly manifests: readonly string[];
  readonly blobs: readonly string[];
};

const blobsOfManifest = (manifest: Manifest) => manifest.parts.flatMap(({ part }) => blobsOf(part as Part));

/**
 * `names` is everything under `parent` in the store. Of checkpoints newer than the newest retained one nothing is
 * touched, since they are being written. Under a savepoints' folder only what never got a manifest is garbage.
 */
export function garbage(
  parent: string,
  names: readonly string[],
  retained: readonly { readonly name: string; readonly manifest: Manifest }[],
  keepAllComplete: boolean,
): Garbage {
  const used = new Set(retained.flatMap(({ name, manifest }) => [name, ...blobsOfManifest(manifest)]));
  const newest = Math.max(-1, ...retained.map(({ manifest }) => manifest.checkpoint));
  const complete = new Set(keepAllComplete ? names.filter(isManifest) : []);
  const loose = names.filter((name) => {
    const found = folderOf(parent, name);
    if (found === undefined || found.checkpoint >= newest || used.has(name)) return false;
    return !complete.has(manifestName(found.folder));
  });
  return { manifests: loose.filter(isManifest), blobs: loose.filter((name) => !isManifest(name)) };
}
