/** Where and as whom tests run: here as whoever we are, or as an ordinary user in a place that is theirs. */
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { isForeign } from "#scripts/checks/source-files.ts";
import { UserError } from "#testbed/user-error.ts";
import { runProgram } from "./run-program.ts";

export type Place = {
  /** The checkout, or a copy of it that this user can read. */
  root: string;
  node: string;
  /** Goes in front of a command to run it as that user. */
  become: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Of the labs that tests do not put elsewhere themselves; what is left there was forgotten. */
  stateFolder: string;
  /** Everything that the place took, to be removed at the end. */
  folder: string;
};

export function ownPlace(root: string): Place {
  const folder = mkdtempSync(join(tmpdir(), "brume-tests-"));
  const stateFolder = join(folder, "state");
  const env = { ...process.env, BRUME_STATE: stateFolder };
  return { root, node: process.execPath, become: [], env, stateFolder, folder };
}

/** Owns nothing on any machine, so whatever the tests touch, no person's files or processes are theirs. */
const nobody = 65534;

export async function ordinaryPlace(root: string): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "brume-tests-"));
  try {
    return await furnish(root, folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function furnish(root: string, folder: string): Promise<Place> {
  const within = (name: string) => join(folder, name);
  for (const name of ["home", "state", "cache", "tmp"]) mkdirSync(within(name));
  for (const path of [folder, ...["home", "state", "cache", "tmp"].map(within)])
    chownSync(path, nobody, nobody);
  const stateFolder = within("state");
  const { PATH, LANG, CI } = process.env;
  const env = {
    ...{ PATH, LANG, CI, USER: "nobody", LOGNAME: "nobody", HOME: within("home"), TMPDIR: within("tmp") },
    ...{ XDG_STATE_HOME: within("state"), XDG_CACHE_HOME: within("cache"), BRUME_STATE: stateFolder },
    NODE_COMPILE_CACHE: within("cache/compile"),
  };
  const become = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", "--inh-caps=-all"];
  const here = { root, node: process.execPath, become, env, stateFolder, folder };
  if (await canRead(here)) return here;
  const copy = within("checkout");
  await copyCheckout(root, copy);
  const inside = relative(root, process.execPath);
  const node = inside.startsWith("..") ? process.execPath : join(copy, inside);
  const there = { ...here, root: copy, node };
  if (await canRead(there)) return there;
  throw new UserError(
    "unreadable",
    `an ordinary user cannot read ${copy}`,
    `let others pass through ${tmpdir()}`,
  );
}

export function leavePlace({ folder }: Place): void {
  rmSync(folder, { recursive: true, force: true });
}

async function canRead({ root, node, become, env }: Place): Promise<boolean> {
  const script = "for (const path of process.argv.slice(1)) require('node:fs').readFileSync(path)";
  const paths = ["scripts/main.ts", "node_modules/koffi/package.json", "topologies/smallest.yaml"];
  const command = [...become, node, "-e", script, ...paths.map((path) => join(root, path))];
  const { status } = await runProgram({ command, cwd: "/", env, timeoutMs: 20_000 });
  return status === 0;
}

/** A checkout in root's home, say. node_modules is copied by cp, which keeps its links and takes a second. */
async function copyCheckout(root: string, copy: string): Promise<void> {
  cpSync(root, copy, { recursive: true, filter: (path) => !isForeign(relative(root, path)) });
  chmodSync(copy, 0o755);
  const script = 'cp -a "$1/node_modules" "$2/node_modules" && chmod -R go+rX "$2"';
  const command = ["sh", "-c", script, "copy", root, copy];
  const { status, output } = await runProgram({ command, cwd: "/", env: process.env, timeoutMs: 120_000 });
  if (status !== 0) throw new Error(`copying ${root} failed: ${output}`);
}
