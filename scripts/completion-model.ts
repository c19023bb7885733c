/** What a shell can complete for each verb, read from the verbs themselves so that it cannot differ from them. */
import { commonOptions } from "./arguments.ts";
import type { Verb } from "./verb.ts";

export type CompletedOption = {
  name: string;
  short?: string;
  help: string;
  /** `none`: the option takes no value. `other`: a value that no shell can guess. */
  value: { kind: "none" | "file" | "other" } | { kind: "words"; words: readonly string[] };
};

export type CompletedVerb = {
  name: string;
  summary: string;
  /** Words of which the first argument is one. */
  words: readonly string[];
  labs: boolean;
  files: boolean;
  options: readonly CompletedOption[];
};

export function completionModel(verbs: readonly Verb[]): CompletedVerb[] {
  return verbs.map((verb) => ({
    name: verb.name,
    summary: verb.summary,
    words: verb.words ?? [],
    labs: /\bLAB\b/.test(verb.usage),
    files: /\b(FILE|EXPERIMENT|RUN)\b/.test(verb.usage),
    options: Object.entries({ ...verb.options, ...commonOptions }).map(([name, option]) => ({
      name,
      ...(option.short === undefined ? {} : { short: option.short }),
      help: option.help,
      value: valueKind(option.type, option.value),
    })),
  }));
}

function valueKind(type: "string" | "boolean", placeholder = ""): CompletedOption["value"] {
  if (type === "boolean") return { kind: "none" };
  if (/^[a-z0-9-]+(\|[a-z0-9-]+)+$/i.test(placeholder) && placeholder.toUpperCase() !== placeholder) {
    return { kind: "words", words: placeholder.split("|") };
  }
  return { kind: /FILE|DIR|FOLDER|PATH/.test(placeholder) ? "file" : "other" };
}

/** Inside single quotes of sh, zsh and fish alike: none of the texts may end the quotes. */
export const singleQuoted = (text: string): string => `'${text.replaceAll("'", "’")}'`;
