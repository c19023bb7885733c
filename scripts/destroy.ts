/** `./brume destroy LAB|--all`: ends labs from their records and leaves the machine as it was. */
import { destroy } from "#testbed/destroy.ts";
import { chooseLab, LabFolder, labNames } from "#testbed/lab.ts";
import { stateFolder } from "#testbed/state-folder.ts";
import { usageError } from "./arguments.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  name: "destroy",
  summary: "end a lab and leave the machine as it was",
  usage: "LAB | --all",
  options: { all: { type: "boolean", help: "every lab of this user" } },
  examples: [
    ["./brume destroy fog-15", "end one lab"],
    ["./brume destroy --all", "end every lab, also those whose provisioning was killed"],
  ],
  async run(args, output) {
    const [name, ...more] = args.positionals;
    const all = args.flag("all");
    if (more.length > 0 || (name !== undefined && all))
      throw usageError("destroy takes one lab, or --all", "./brume destroy LAB");
    if (name === undefined && !all)
      throw usageError("say which lab to destroy", `labs here: ${labNames().join(", ") || "none"}; or --all`);
    const root = stateFolder();
    const folders = all ? labNames(root).map((each) => new LabFolder(each, root)) : [chooseLab(name, root)];
    const destroyed = [];
    for (const folder of folders) {
      output.progress(`destroying ${folder.name}`);
      const notes: string[] = [];
      const tell = (note: string) => {
        notes.push(note);
        output.progress(note);
      };
      destroyed.push({ ...(await destroy(folder, root, tell)), notes });
    }
    const lines = destroyed.map(
      ({ lab, processesEnded }) => `${lab} is gone (${processesEnded} processes of its nodes ended)`,
    );
    output.result({ destroyed }, lines.join("\n") || "there was no lab");
    return 0;
  },
};
