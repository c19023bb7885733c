/** The completion script for zsh. */
import { type CompletedOption, type CompletedVerb, singleQuoted } from "./completion-model.ts";

export function zshCompletion(verbs: readonly CompletedVerb[]): string {
  const cases = verbs.map(({ name, words, labs, files, options }) => {
    const actions = [
      ...(words.length > 0 ? [`'what:(${words.join(" ")})'`] : []),
      ...(labs ? ["'lab:_brume_labs'"] : []),
      ...(files ? ["'file:_files'"] : []),
    ];
    const rest = actions.length === 0 ? [] : [`'*: :_brume_${identifier(name)}'`];
    return {
      branch: [
        `    ${name})`,
        `      _arguments ${[...options.flatMap(optionSpec), ...rest].join(" \\\n        ")} ;;`,
      ].join("\n"),
      alternatives:
        actions.length === 0
          ? ""
          : `_brume_${identifier(name)}() { _alternative ${actions.map((action) => withTag(action)).join(" ")} }`,
    };
  });
  const names = verbs.map(({ name, summary }) => singleQuoted(`${name}:${summary}`));
  return `#compdef brume ./brume
# zsh completion of brume. Load it with: source <(./brume completion zsh)
_brume_labs() { compadd -- \${(f)"$(\${_brume_command} completion labs 2>/dev/null)"} }
${cases
  .map(({ alternatives }) => alternatives)
  .filter(Boolean)
  .join("\n")}
_brume() {
  local _brume_command=$words[1]
  if (( CURRENT == 2 )); then
    local -a verbs=(
      ${names.join("\n      ")}
    )
    _describe verb verbs
    return
  fi
  # What follows -- belongs to another program.
  if (( \${words[(I)--]} && \${words[(I)--]} < CURRENT )); then _files; return; fi
  shift words; (( CURRENT-- ))
  case $words[1] in
${cases.map(({ branch }) => branch).join("\n")}
  esac
}
compdef _brume brume ./brume
`;
}

const identifier = (name: string): string => name.replaceAll("-", "_");

/** `'lab:_brume_labs'` becomes `'labs:lab:_brume_labs'`, as _alternative wants tag, message and action. */
const withTag = (action: string): string => action.replace(/^'(\w+):/, "'$1s:$1:");

function optionSpec({ name, short, help, value }: CompletedOption): string[] {
  const about = help.replaceAll("[", "(").replaceAll("]", ")");
  const action = { none: "", file: ":file:_files", other: ":value: ", words: "" }[value.kind];
  const words = value.kind === "words" ? `:choice:(${value.words.join(" ")})` : "";
  const spec = (flag: string): string => singleQuoted(`${flag}[${about}]${action}${words}`);
  return [spec(`--${name}`), ...(short ? [spec(`-${short}`)] : [])];
}
