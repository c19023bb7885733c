/** From the words on the command line to folders of runs: a run's, an experiment's, or a name under the runs' folder. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { recordFiles } from "./read-run.ts";
import { RecordError } from "./record-error.ts";

export type FoundRuns = {
  /** Each once, in the order asked for; those of an experiment by name, numbers as numbers. */
  folders: string[];
  /** Where a page about all of them belongs: the one folder that was named; undefined for several. */
  home?: string;
};

/** `root` is the folder that holds all experiments' runs. */
export function findRuns(words: readonly string[], root: string): FoundRuns {
  const found = words.map((word) => findOne(word, root));
  const folders = [...new Set(found.flatMap((each) => each.folders))];
  const [only, ...more] = found;
  return only && more.length === 0 ? { folders, home: only.home } : { folders };
}

function findOne(word: string, root: string): { folders: string[]; home: string } {
  const home = [resolve(word), join(root, word)].find(isFolder);
  if (home === undefined) {
    throw new RecordError(
      "no-such-run",
      `${word}: there is no such folder, also not under ${root}`,
      offer(root),
    );
  }
  if (isRun(home)) return { folders: [home], home };
  const folders = readdirSync(home)
    .sort((one, other) => one.localeCompare(other, "en", { numeric: true }))
    .map((name) => join(home, name))
    .filter((path) => isFolder(path) && isRun(path));
  if (folders.length > 0) return { folders, home };
  throw new RecordError(
    "not-a-run",
    `${word}: is neither a run's folder nor one that holds some (a run's has ${recordFiles.join(", ")})`,
    offer(root),
  );
}

function offer(root: string): string {
  const experiments = isFolder(root) ? readdirSync(root).filter((name) => isFolder(join(root, name))) : [];
  if (experiments.length === 0)
    return `make a run first: ./brume run EXPERIMENT; it leaves its record in ${root}`;
  return `name a run, or an experiment under ${root}: ${experiments.sort().join(", ")}`;
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
const isRun = (path: string) => recordFiles.some((file) => existsSync(join(path, file)));
