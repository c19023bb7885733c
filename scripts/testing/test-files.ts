/** Which test files there are and to which group each belongs, told by the end of its name. Pure. */

export const groups = ["checks", "unit", "integration", "rootless"] as const;
export type Group = (typeof groups)[number];

/** Of a lab, of the kernel, of other processes: slow, and run one file at a time, because they measure. */
const integration = /\.(integration|uml)\.test\.ts$/;
/** Speaks of what only root can do, so an ordinary user has nothing to run. */
const rootOnly = /\.root\.integration\.test\.ts$/;
/** Inside user-mode Linux everything is root's, whoever started it: a second time shows nothing new. */
const userModeLinux = /\.uml\.test\.ts$/;
/** Takes many minutes: has a short form among the others, and is run by its name. */
const long = /\.long\./;
/** Asks the kernel for nothing that only root gets, so a second time as somebody else shows nothing new. */
const anybody = /^engine\//;

export type TestFiles = Readonly<Record<Exclude<Group, "checks">, readonly string[]>> & {
  /** Files that this user cannot run, by what they speak of. */
  readonly beyond: readonly string[];
};

/** Those of all that are run where nobody named any, and those that are not. */
export function withoutLong(paths: readonly string[]): { usual: string[]; long: string[] } {
  const isLong = (path: string) => path.endsWith(".test.ts") && long.test(path);
  return { usual: paths.filter((path) => !isLong(path)), long: paths.filter(isLong) };
}

export function groupTestFiles(paths: readonly string[], asRoot: boolean): TestFiles {
  const tests = paths.filter((path) => path.endsWith(".test.ts"));
  const labs = tests.filter((path) => integration.test(path));
  return {
    unit: tests.filter((path) => !integration.test(path)),
    integration: labs.filter((path) => asRoot || !rootOnly.test(path)),
    // An ordinary user's integration tests are the rootless ones already.
    rootless: asRoot
      ? labs.filter((path) => !rootOnly.test(path) && !userModeLinux.test(path) && !anybody.test(path))
      : [],
    beyond: asRoot ? [] : labs.filter((path) => rootOnly.test(path)),
  };
}

/** So that none that takes long is left to itself at the end: those with machines of their own, then those with whole runs. */
export function longestFirst(files: readonly string[]): string[] {
  const rank = (file: string) => (file.includes(".root.") ? 0 : file.startsWith("scripts/") ? 1 : 2);
  return [...files].sort((one, other) => rank(one) - rank(other));
}
