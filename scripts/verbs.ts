/** Every verb of the command line, loaded only when asked for, so that `./brume --help` starts fast. */
import type { Verb } from "./verb.ts";

export const verbs: Readonly<Record<string, () => Promise<Verb>>> = {
  doctor: async () => (await import("./doctor.ts")).verb,
  validate: async () => (await import("./validate.ts")).validate,
  provision: async () => (await import("./provision.ts")).verb,
  inspect: async () => (await import("./inspect.ts")).verb,
  verify: async () => (await import("./verify.ts")).verb,
  coordinates: async () => (await import("./coordinates.ts")).verb,
  exec: async () => (await import("./exec.ts")).verb,
  impair: async () => (await import("./impair.ts")).verb,
  destroy: async () => (await import("./destroy.ts")).verb,
  graph: async () => (await import("./graph.ts")).graph,
  completion: async () => (await import("./completion.ts")).completion,
  analyse: async () => (await import("./analyse.ts")).analyse,
  bench: async () => (await import("./bench.ts")).bench,
  run: async () => (await import("./run.ts")).verb,
  job: async () => (await import("./job.ts")).job,
  savepoint: async () => (await import("./savepoint.ts")).verb,
  rescale: async () => (await import("./rescale.ts")).verb,
  generate: async () => (await import("./generate.ts")).generate,
  test: async () => (await import("./test.ts")).verb,
  demo: async () => (await import("./demo.ts")).verb,
  setup: async () => (await import("./setup.ts")).verb,
};

export async function loadVerb(name: string): Promise<Verb | undefined> {
  return Object.hasOwn(verbs, name) ? await verbs[name]!() : undefined;
}
