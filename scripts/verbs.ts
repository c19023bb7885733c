/** Every verb of the command line, loaded only when asked for, so that `./brume --help` starts fast. */
import type { Verb } from "./verb.ts";

export const verbs: Readonly<Record<string, () => Promise<Verb>>> = {};

export async function loadVerb(name: string): Promise<Verb | undefined> {
  return Object.hasOwn(verbs, name) ? await verbs[name]!() : undefined;
}
