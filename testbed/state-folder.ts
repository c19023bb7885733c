/** Where labs keep their records: a folder per lab, outside any checkout, for as long as the lab exists. */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { UserError } from "./user-error.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * BRUME_STATE wins; root's labs belong to the machine, a user's to the user. Absolute: a keeper runs elsewhere.
 * By the number: containers run users that no name is known of.
 */
export function stateFolder(environment: Environment = process.env, uid = process.getuid?.()): string {
  if (environment.BRUME_STATE) return resolve(environment.BRUME_STATE);
  if (uid === 0) return "/var/lib/brume";
  return resolve(environment.XDG_STATE_HOME || join(homedir(), ".local", "state"), "brume");
}

export function labFolder(name: string, root = stateFolder()): string {
  return join(root, "labs", name);
}

/** Refuses a folder in which no record can be kept, before anything is made; touches nothing. */
export function checkStateFolder(root: string): void {
  let nearest = join(root, "labs");
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  const why = whyUnusable(nearest);
  if (why === undefined) return;
  const what = `labs' records cannot be kept in ${root}: ${nearest} ${why}`;
  throw new UserError("state-folder", what, "name a folder that this user may write: BRUME_STATE=FOLDER", 2);
}

function whyUnusable(path: string): string | undefined {
  if (!statSync(path).isDirectory()) return "is no folder";
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const isReadOnly = (error as NodeJS.ErrnoException).code === "EROFS";
    return isReadOnly ? "is on a disk that can only be read" : "may not be written by this user";
  }
}
