/**
 * How a job's things are named in its store. Numbers are padded so that the order of names is that of numbers, and a
 * checkpoint's folder carries its attempt, so that a late write of a former attempt never replaces anything.
 */
export type CheckpointFolder = {
  readonly folder: string;
  readonly checkpoint: number;
  readonly attempt: number;
};

const manifestFile = "manifest.json";

export const checkpointsOf = (job: string) => `${job}/checkpoints/`;
export const savepointsOf = (job: string) => `${job}/savepoints/`;
export const journalOf = (job: string) => `${job}/journal/`;

/** The folder of a checkpoint under `checkpointsOf` or `savepointsOf`. */
export const checkpointFolder = (parent: string, checkpoint: number, attempt: number) =>
  `${parent}${padded(checkpoint)}-a${attempt}`;

export const manifestName = (folder: string) => `${folder}/${manifestFile}`;

/** The folder that a name under `parent` lies in; undefined for what is not ours. */
export function folderOf(parent: string, name: string): CheckpointFolder | undefined {
  const found = /^(\d+)-a(\d+)\//.exec(name.startsWith(parent) ? name.slice(parent.length) : "");
  if (found === null) return undefined;
  return {
    folder: parent + found[0].slice(0, -1),
    checkpoint: Number(found[1]),
    attempt: Number(found[2]),
  };
}

export const isManifest = (name: string) => name.endsWith(`/${manifestFile}`);

export const journalEntryName = (job: string, sequence: number) =>
  `${journalOf(job)}${padded(sequence)}.json`;

export function sequenceOf(job: string, name: string): number | undefined {
  const found = /^(\d+)\.json$/.exec(name.slice(journalOf(job).length));
  return found === null ? undefined : Number(found[1]);
}

const padded = (count: number) => String(count).padStart(8, "0");
