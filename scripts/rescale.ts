/** `./brume rescale [JOB|LAB]`: changes a running job's parallelism, through a savepoint. */
import type { RescaleReport } from "#engine/coordinator/rescale.ts";
import { apiOptions, ask, chooseApi } from "./api-client.ts";
import { usageError } from "./arguments.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  name: "rescale",
  summary: "change the parallelism of a running job or of one of its operators",
  usage: "[JOB|LAB] --parallelism N",
  options: {
    parallelism: { type: "string", value: "N", help: "of the whole job, or with --operator of that one" },
    operator: { type: "string", value: "ID", help: "of this operator alone" },
    mode: { type: "string", value: "aligned|unaligned", help: "of the savepoint (default: the job's)" },
    ...apiOptions,
  },
  examples: [
    ["./brume rescale nexmark-q5 --parallelism 3", "savepoint, stop, start with 3 subtasks each"],
    ["./brume rescale nexmark-q5 --operator count --parallelism 4", "of one operator"],
  ],
  async run(args, output) {
    if (args.positionals.length > 1) throw usageError("rescale takes one job", "./brume rescale JOB");
    if (args.text("parallelism") === undefined)
      throw usageError("rescale: --parallelism is missing", "./brume rescale JOB --parallelism N");
    const parallelism = args.count("parallelism", 1, 1);
    const [operator, mode] = [args.text("operator"), args.text("mode")];
    const body = {
      ...(operator === undefined ? { parallelism } : { parallelismOf: { [operator]: parallelism } }),
      ...(mode === undefined ? {} : { mode }),
    };
    const report = (await ask(chooseApi(args), "POST", "/rescale", body)) as RescaleReport;
    output.result(report, rescaleText(report));
    return report.outcome === "done" ? 0 : 1;
  },
};

function rescaleText(report: RescaleReport): string {
  const { from, to, outcome, because, savepointMs, stopMs, deployMs, standStillMs } = report;
  const what = outcome === "done" ? "" : ` ${outcome}: ${because}`;
  const ms = (value: number) => `${Math.round(value)} ms`;
  return (
    `${from.parallelism} → ${to.parallelism}${what}: input stood still ${ms(standStillMs)} ` +
    `(savepoint ${ms(savepointMs)}, stop ${ms(stopMs)}, deploy ${ms(deployMs)})`
  );
}
