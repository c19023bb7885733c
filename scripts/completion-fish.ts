/** The completion script for fish. */
import { type CompletedVerb, singleQuoted } from "./completion-model.ts";

export function fishCompletion(verbs: readonly CompletedVerb[]): string {
  const lines = verbs.flatMap(({ name, summary, words, labs, files, options }) => {
    const when = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c brume -n __fish_use_subcommand -a ${name} -d ${singleQuoted(summary)}`,
      ...(words.length > 0
        ? [`complete -c brume ${first(name, words)} -a ${singleQuoted(words.join(" "))}`]
        : []),
      ...(labs ? [`complete -c brume ${when} -a '(__brume_labs)' -d lab`] : []),
      ...(files ? [`complete -c brume ${when} -F`] : []),
      ...options.map((option) => {
        const short = option.short ? ` -s ${option.short}` : "";
        const value = {
          none: "",
          file: " -r -F",
          other: " -x",
          words: option.value.kind === "words" ? ` -x -a ${singleQuoted(option.value.words.join(" "))}` : "",
        }[option.value.kind];
        return `complete -c brume ${when} -l ${option.name}${short}${value} -d ${singleQuoted(option.help)}`;
      }),
    ];
  });
  return `# fish completion of brume. Load it with: ./brume completion fish | source
function __brume_labs
    set -l command (commandline -opc)[1]
    $command completion labs 2>/dev/null
end
complete -c brume -f
${lines.join("\n")}
`;
}

/** Offered until one of the words is there. */
const first = (name: string, words: readonly string[]): string =>
  `-n '__fish_seen_subcommand_from ${name}; and not __fish_seen_subcommand_from ${words.join(" ")}'`;
