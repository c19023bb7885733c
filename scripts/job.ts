/** `./brume job NAME`: runs one of the built-in jobs. */

import { usageError } from "./arguments.ts";
import { nexmarkRaw } from "./job-nexmark-raw.ts";
import type { Arguments, ExitStatus, Option, Output, Verb } from "./verb.ts";

/** One file `job-NAME.ts` exports each. */
export type Job = {
  name: string;
  summary: string;
  options: Readonly<Record<string, Option>>;
  example: string;
  run(args: Arguments, output: Output): Promise<ExitStatus>;
};

const jobs: readonly Job[] = [nexmarkRaw];
const names = jobs.map(({ name }) => name);

export const job: Verb = {
  name: "job",
  summary: "run a built-in job",
  usage: `NAME   NAME: ${names.join(", ")}`,
  words: names,
  options: Object.assign({}, ...jobs.map(({ options }) => options)) as Record<string, Option>,
  examples: jobs.map(({ example, summary }) => [example, summary] as const),
  async run(args, output) {
    const [name, ...surplus] = args.positionals;
    if (name === undefined) throw usageError("job: NAME is missing", `one of: ${names.join(", ")}`);
    const wanted = jobs.find((known) => known.name === name);
    if (!wanted) throw usageError(`job ${name}: there is no such job`, `one of: ${names.join(", ")}`);
    if (surplus.length > 0) {
      throw usageError(`job ${name}: takes no ${surplus.join(" ")}`, `for example: ${wanted.example}`);
    }
    return await wanted.run(args, output);
  },
};
