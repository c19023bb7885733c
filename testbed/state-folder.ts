/** Where labs keep their records: a folder per lab, outside any checkout, for as long as the lab exists. */
import { homedir, userInfo } from "node:os";
import { join, resolve } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** BRUME_STATE wins; root's labs belong to the machine, a user's to the user. Absolute: a keeper runs elsewhere. */
export function stateFolder(environment: Environment = process.env, uid = userInfo().uid): string {
  if (environment.BRUME_STATE) return resolve(environment.BRUME_STATE);
  if (uid === 0) return "/var/lib/brume";
  return resolve(environment.XDG_STATE_HOME || join(homedir(), ".local", "state"), "brume");
}

export function labFolder(name: string, root = stateFolder()): string {
  return join(root, "labs", name);
}
