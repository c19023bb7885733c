/** The completion script for bash. */
import type { CompletedVerb } from "./completion-model.ts";

export function bashCompletion(verbs: readonly CompletedVerb[]): string {
  const values = verbs.flatMap(({ name, options }) =>
    options.flatMap((option) => {
      const patterns = [`${name}:--${option.name}`, ...(option.short ? [`${name}:-${option.short}`] : [])].join("|");
      if (option.value.kind === "words") return [`    ${patterns}) words="${option.value.words.join(" ")}" ;;`];
      if (option.value.kind === "file") return [`    ${patterns}) COMPREPLY=($(compgen -f -- "$cur")); return ;;`];
      return option.value.kind === "other" ? [`    ${patterns}) return ;;`] : [];
    }),
  );
  const own = verbs.map(({ name, words, labs, options }) => {
    const flags = options.map((option) => `--${option.name}`).join(" ");
    const first = words.length > 0 ? `[ "$COMP_CWORD" -eq 2 ] && words="${words.join(" ")}"; ` : "";
    const lab = labs ? `words="$words $("\${COMP_WORDS[0]}" completion labs 2>/dev/null)"; ` : "";
    return `      ${name}) case "$cur" in -*) words="${flags}" ;; *) ${first}${lab}: ;; esac ;;`;
  });
  const files = verbs.filter((verb) => verb.files).map(({ name }) => name);
  return `# bash completion of brume. Load it with: source <(./brume completion bash)
_brume() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} verb=\${COMP_WORDS[1]} words="" word
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
    *)
      case "$verb" in
${own.map((line) => `  ${line}`).join("\n")}
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  case " ${files.join(" ")} " in
    *" $verb "*) case "$prev:$cur" in *:-*) ;; *) COMPREPLY+=($(compgen -f -- "$cur")) ;; esac ;;
  esac
}
complete -o filenames -F _brume brume ./brume
`;
}
