/** `./brume completion SHELL`: prints a script that completes verbs, options, labs and files. */
import { labNames } from "#testbed/lab.ts";
import { usageError } from "./arguments.ts";
import { bashCompletion } from "./completion-bash.ts";
import { fishCompletion } from "./completion-fish.ts";
import { completionModel } from "./completion-model.ts";
import { zshCompletion } from "./completion-zsh.ts";
import type { Verb } from "./verb.ts";

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export const completion: Verb = {
  name: "completion",
  summary: "print a shell's completion script: bash, zsh, fish",
  usage: "SHELL",
  words: [...Object.keys(shells), "labs"],
  options: {},
  examples: [
    ["source <(./brume completion bash)", "verbs, options, labs and files complete in this shell"],
    ["./brume completion labs", "names of the labs there are, one a line; the scripts ask for them"],
  ],
  async run(args, output) {
    const [what, extra] = args.positionals;
    if (extra === undefined && what === "labs") {
      const labs = labNames();
      output.result({ labs }, labs.join("\n"));
      return 0;
    }
    if (what === undefined || extra !== undefined || !Object.hasOwn(shells, what)) {
      throw usageError(
        `completion ${args.positionals.join(" ")}: takes one shell`.replace(" :", ":"),
        `one of: ${Object.keys(shells).join(", ")}`,
      );
    }
    // Not at the top: the list of verbs names this file.
    const { verbs } = await import("./verbs.ts");
    const model = completionModel(await Promise.all(Object.values(verbs).map((load) => load())));
    const script = shells[what as keyof typeof shells](model);
    output.result({ shell: what, script }, script);
    return 0;
  },
};
