/** Writes a verb's arguments back as a command line, so that a file can say what made it. */
import type { Arguments, Verb } from "./verb.ts";

/** `names` are the options worth repeating, in this order. */
export function commandLine(verb: Verb, args: Arguments, names: readonly string[]): string {
  const options = names.flatMap((name) => {
    if (verb.options[name]?.type === "boolean") return args.flag(name) ? [`--${name}`] : [];
    const value = args.text(name);
    return value === undefined ? [] : [`--${name}`, quoted(value)];
  });
  return ["./brume", verb.name, ...args.positionals.map(quoted), ...options].join(" ");
}

/** As one word of a shell. */
export function quoted(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
