/** `./brume savepoint [JOB|LAB]`: keeps a running job's state under a name to start from, and stops the job where asked. */
import { apiOptions, ask, chooseApi } from "./api-client.ts";
import { usageError } from "./arguments.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  name: "savepoint",
  summary: "take a savepoint of a running job, or stop it with one",
  usage: "[JOB|LAB]",
  options: {
    stop: { type: "boolean", help: "stop the job with it: nothing is processed behind it" },
    mode: { type: "string", value: "aligned|unaligned", help: "of its barriers (default: the job's)" },
    ...apiOptions,
  },
  examples: [
    ["./brume savepoint nexmark-q5", "prints what --from-savepoint takes"],
    ["./brume savepoint nexmark-q5 --stop", "the same, and the job ends there"],
  ],
  async run(args, output) {
    if (args.positionals.length > 1) throw usageError("savepoint takes one job", "./brume savepoint JOB");
    const mode = args.text("mode");
    const body = mode === undefined ? {} : { mode };
    const path = args.flag("stop") ? "/stop" : "/savepoints";
    const report = (await ask(chooseApi(args), "POST", path, body)) as { savepoint: string };
    output.result(report, report.savepoint);
    return 0;
  },
};
