/** Turns a verb's raw words into checked arguments. Every mistake is one error that names the option. */
import { parseArgs } from "node:util";
import { UserError } from "#testbed/user-error.ts";
import type { Arguments, Option, Verb } from "./verb.ts";

export const commonOptions: Readonly<Record<string, Option>> = {
  format: { type: "string", value: "text|json", help: "json: one JSON document on stdout (default text)" },
  help: { type: "boolean", short: "h", help: "show this help" },
};

export function usageError(what: string, fix: string): UserError {
  return new UserError("usage", what, fix, 2);
}

/** Before anything is parsed, since it says how a mistake in the words is told, too. */
export function asksForJson(words: readonly string[]): boolean {
  const split = words.indexOf("--");
  const own = split < 0 ? words : words.slice(0, split);
  return own.some((word, at) => word === "--format=json" || (word === "--format" && own[at + 1] === "json"));
}

export function parseArguments(verb: Verb, words: readonly string[]): Arguments {
  const split = words.indexOf("--");
  const own = split < 0 ? words : words.slice(0, split);
  const rest = split < 0 ? [] : words.slice(split + 1);
  const options: Record<string, Option> = { ...verb.options, ...commonOptions };
  const { kept, others } = verb.handsOn ? withoutOthers(own, options) : { kept: own, others: {} };
  const { values, positionals } = readWords(verb, kept, options);
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  const format = text("format");
  if (format !== undefined && format !== "text" && format !== "json") {
    throw usageError(`--format ${format}: there is no such format`, "use --format text or --format json");
  }
  return {
    positionals,
    rest,
    others,
    text,
    flag: (name) => values[name] === true,
    count(name, fallback, least = 0) {
      const raw = text(name);
      if (raw === undefined) return fallback;
      const number = Number(raw);
      if (!/^\d+$/.test(raw) || number < least) {
        throw usageError(
          `--${name} ${raw}: not a whole number of at least ${least}`,
          `for example --${name} ${fallback}`,
        );
      }
      return number;
    },
  };
}

function readWords(verb: Verb, own: readonly string[], options: Record<string, Option>) {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { type, short }]) => [name, short ? { type, short } : { type }]),
  );
  try {
    return parseArgs({ args: [...own], options: config, allowPositionals: true });
  } catch (error) {
    const what = error instanceof Error ? (error.message.split(/\.\s/)[0] ?? error.message) : String(error);
    throw usageError(`${verb.name}: ${what}`, `see ./brume ${verb.name} --help`);
  }
}

/** `--set KEY=value`, and `--KEY value` or `--KEY=value` where KEY is no option of the verb; without a value it is a flag. */
function withoutOthers(words: readonly string[], options: Readonly<Record<string, Option>>) {
  const kept: string[] = [];
  const others: Record<string, string> = {};
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    const [, name, inline] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const option = name === undefined ? undefined : options[name];
    const next = words[index + 1];
    if (name === "set") {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(inline ?? next ?? "") ?? [];
      if (key === undefined || value === undefined)
        throw usageError(`${word}: not KEY=value`, "--set KEY=value");
      others[key] = value;
      if (inline === undefined) index++;
    } else if (name === undefined || option) {
      kept.push(word);
      const takesNext = option?.type === "string" && inline === undefined && next !== undefined;
      if (takesNext) kept.push(words[++index]!);
    } else if (inline !== undefined) others[name] = inline;
    else if (next === undefined || /^--?[A-Za-z]/.test(next)) others[name] = "true";
    else others[name] = words[++index]!;
  }
  return { kept, others };
}
