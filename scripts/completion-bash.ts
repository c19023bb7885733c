/** The completion script for bash. */
import type { CompletedVerb } from "./completion-model.ts";

export function bashCompletion(verbs: readonly CompletedVerb[]): string {
  const values = verbs.flatMap(({ name, options }) =>
    options.flatMap((option) => {
      const patterns = [
        `${name}:--${option.name}`,
        ...(option.short ? [`${name}:-${option.short}`] : []),
      ].join("|");
      if (option.value.kind === "words")
        return [`    ${patterns}) words="${option.value.words.join(" ")}" ;;`];
      if (option.value.kind === "file") return [`    ${patterns}) files=yes ;;`];
      return option.value.kind === "other" ? [`    ${patterns}) return ;;`] : [];
    }),
  );
  const own = verbs.map(({ name, words, labs, files, options }) => {
    const flags = options.map((option) => `--${option.name}`).join(" ");
    const lab = labs ? `words=$("\${COMP_WORDS[0]}" completion labs 2>/dev/null); ` : "";
    const others = `${lab}${files ? "files=yes" : ":"}`;
    const plain =
      words.length > 0
        ? `if [ "$COMP_CWORD" -eq 2 ]; then words="${words.join(" ")}"; else ${others}; fi`
        : others;
    return `    ${name}) if [[ $cur == -* ]]; then words="${flags}"; else ${plain}; fi ;;`;
  });
  return `# bash completion of brume. Load it with: source <(./brume completion bash)
_brume() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} verb=\${COMP_WORDS[1]} words="" files="" word
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${verbs.map(({ name }) => name).join(" ")} --help" -- "$cur"))
    return
  fi
  # What follows -- belongs to another program.
  for word in "\${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
    if [ "$word" = -- ]; then COMPREPLY=($(compgen -f -- "$cur")); return; fi
  done
  case "$verb:$prev" in
${values.join("\n")}
    *) _brume_words ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [ -n "$files" ]; then COMPREPLY+=($(compgen -f -- "$cur")); fi
}
# Sets the words and files of the caller for what is no option's value.
_brume_words() {
  case "$verb" in
${own.join("\n")}
  esac
}
complete -o filenames -F _brume brume ./brume
`;
}
