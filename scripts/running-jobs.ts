/** Which jobs run on this machine and how to reach them: a small file for each, that only its user can read. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateFolder } from "#testbed/state-folder.ts";
import { UserError } from "#testbed/user-error.ts";

export type RunningJob = {
  readonly name: string;
  readonly pid: number;
  /** Of the HTTP API. */
  readonly url: string;
  readonly token: string;
  /** On whose nodes it runs. */
  readonly lab?: string;
};

const folder = () => join(stateFolder(), "jobs");
const fileOf = (name: string) => join(folder(), `${name}.json`);

/** What a name becomes a file's and a store's folder's name with. */
export function checkJobName(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(name)) return;
  throw new UserError("job-name", `--name ${name}: not a name`, "letters, digits, - and _", 2);
}

/** Refuses a name under which a job is running. */
export function noteRunning(job: RunningJob): void {
  const other = read(job.name);
  if (other && other.pid !== job.pid && isAlive(other.pid)) throw taken(other);
  const unfinished = `${fileOf(job.name)}.${job.pid}.part`;
  try {
    mkdirSync(folder(), { recursive: true });
    writeFileSync(unfinished, JSON.stringify(job), { mode: 0o600 });
    renameSync(unfinished, fileOf(job.name));
  } catch (error) {
    throw unusable(error);
  }
}

export function refuseRunning(name: string): void {
  const other = read(name);
  if (other && isAlive(other.pid)) throw taken(other);
}

export function forgetRunning({ name, pid }: Pick<RunningJob, "name" | "pid">): void {
  if (read(name)?.pid === pid) rmSync(fileOf(name), { force: true });
}

/** By its name or its lab's; without one, the only job that runs. */
export function findRunning(name: string | undefined): RunningJob {
  const there = runningJobs();
  const found = name === undefined ? there : named(there, name);
  if (found.length === 1 && found[0]) return found[0];
  const names = there.map((job) => job.name).join(", ");
  const which = found.map((job) => job.name).join(", ");
  const what =
    which !== ""
      ? `say which job: ${which}`
      : name === undefined
        ? "no job runs here"
        : `no job ${name} runs here`;
  throw new UserError(
    "no-job",
    what,
    names === "" ? "./brume job NAME starts one; --api URL reaches one elsewhere" : `one of: ${names}`,
    2,
  );
}

/** A job's own name goes before a lab's. */
function named(jobs: readonly RunningJob[], name: string): readonly RunningJob[] {
  const own = jobs.filter((job) => job.name === name);
  return own.length > 0 ? own : jobs.filter(({ lab }) => lab === name);
}

function runningJobs(): RunningJob[] {
  let files: string[];
  try {
    files = readdirSync(folder());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw unusable(error);
  }
  return files
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => read(file.slice(0, -".json".length)) ?? [])
    .filter(({ pid }) => isAlive(pid));
}

function read(name: string): RunningJob | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(name), "utf8")) as RunningJob;
  } catch (error) {
    // Gone since it was listed, or half written by a crash: either way no job that can be reached.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unusable(error);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function unusable(error: unknown): UserError {
  const what = `${folder()}: what runs here cannot be noted there (${(error as NodeJS.ErrnoException).code})`;
  return new UserError("no-state-folder", what, "let BRUME_STATE name a folder that you may write to", 2, {
    cause: error,
  });
}

const taken = ({ name, pid }: RunningJob): UserError =>
  new UserError("job-runs", `a job ${name} runs already (process ${pid})`, "give this one another --name", 2);
