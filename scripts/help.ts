/** The texts of `./brume --help`, `./brume VERB --help` and `./brume --version`. */
import type { BrumeVersion } from "#lab/records/manifest.ts";
import { commonOptions } from "./arguments.ts";
import type { Verb } from "./verb.ts";

export function verbHelp(verb: Verb): string {
  const options = Object.entries({ ...verb.options, ...commonOptions }).map(([name, option]) => {
    const short = option.short ? `-${option.short}, ` : "";
    return [`${short}--${name}${option.value ? ` ${option.value}` : ""}`, option.help] as const;
  });
  const examples = verb.examples.flatMap(([command, what]) => [`  ${command}`, `      ${what}`]);
  return [
    verb.summary,
    "",
    `usage: ./brume ${verb.name} ${verb.usage}`.trimEnd(),
    "",
    "options:",
    ...columns(options),
    "",
    "examples:",
    ...examples,
    "",
  ].join("\n");
}

export function overview(verbs: readonly Verb[]): string {
  return [
    "brume: an edge/fog emulation testbed",
    "",
    "usage: ./brume VERB [options]",
    "",
    "verbs:",
    ...columns(verbs.map((verb) => [verb.name, verb.summary] as const)),
    "",
    "Every verb has --help with an example and takes --format json.",
    "Start with: ./brume provision topologies/smallest.yaml",
    "",
  ].join("\n");
}

/** As records name it, so that one can be found for the other. */
export function versionText({ version, commit, dirty }: BrumeVersion): string {
  return `brume ${version}${commit ? ` (${commit}${dirty ? ", changed" : ""})` : ""}\n`;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
