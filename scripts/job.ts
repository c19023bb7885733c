/** `./brume job NAME|FILE.ts`: runs a built-in job, or one of your own. */
import { builtInJobs } from "#engine/jobs/registry.ts";
import { usageError } from "./arguments.ts";
import { nexmarkRaw } from "./job-nexmark-raw.ts";
import { dataflowOptions } from "./job-options.ts";
import type { Arguments, ExitStatus, Option, Output, Verb } from "./verb.ts";

/** Work that is no dataflow; one file `job-NAME.ts` exports each. */
export type Job = {
  name: string;
  summary: string;
  options: Readonly<Record<string, Option>>;
  example: string;
  run(args: Arguments, output: Output): Promise<ExitStatus>;
};

const jobs: readonly Job[] = [nexmarkRaw];
const names = [...jobs.map(({ name }) => name), ...Object.keys(builtInJobs)];

export const job: Verb = {
  name: "job",
  summary: "run a job: a built-in one, or a file of yours",
  usage: `NAME|FILE.ts [--KEY VALUE...]   NAME: ${names.join(", ")}`,
  words: names,
  options: {
    ...(Object.assign({}, ...jobs.map(({ options }) => options)) as Record<string, Option>),
    ...dataflowOptions,
  },
  handsOn: true,
  examples: [
    ...jobs.map(({ example, summary }) => [example, summary] as const),
    [
      "./brume job nexmark-q5 --events 10M --parallelism 2 --out q5.jsonl",
      "a query, in two worker processes",
    ],
    [
      "./brume job ./my-job.ts --store folder:/srv/checkpoints --checkpoint-every 10s --rate 50k/s",
      "a job of yours; --rate is a setting of its own",
    ],
  ],
  async run(args, output) {
    const [name, ...surplus] = args.positionals;
    if (name === undefined) throw usageError("job: NAME is missing", `one of: ${names.join(", ")}`);
    const plain = jobs.find((known) => known.name === name);
    const isFile = /[./]/.test(name);
    if (!plain && !isFile && !Object.hasOwn(builtInJobs, name)) {
      throw usageError(
        `job ${name}: there is no such job`,
        `one of: ${names.join(", ")}; or a file: ./${name}.ts`,
      );
    }
    if (surplus.length > 0) {
      throw usageError(`job ${name}: takes no ${surplus.join(" ")}`, "see ./brume job --help");
    }
    if (!plain) {
      const { runDataflow } = await import("./job-dataflow.ts");
      return await runDataflow(name, args, output);
    }
    const stranger =
      Object.keys(args.others)[0] ?? Object.keys(dataflowOptions).find((each) => isGiven(args, each));
    if (stranger !== undefined) {
      throw usageError(`job ${name}: takes no --${stranger}`, `for example: ${plain.example}`);
    }
    return await plain.run(args, output);
  },
};

const isGiven = (args: Arguments, name: string): boolean => args.flag(name) || args.text(name) !== undefined;
