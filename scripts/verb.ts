/** The shape of a verb of the command line. One file per verb exports one; `verbs.ts` lists them. */

export type Option = {
  type: "string" | "boolean";
  short?: string;
  /** Placeholder of the value in the help, such as FILE or N. */
  value?: string;
  /** What it does, as the help prints it, default included. */
  help: string;
};

export type Arguments = {
  positionals: readonly string[];
  text(name: string): string | undefined;
  flag(name: string): boolean;
  /** A whole number of at least `least`, or the default; anything else is a usage error that names the option. */
  count(name: string, fallback: number, least?: number): number;
  /** What stands after `--`. */
  rest: readonly string[];
  /** Options that are not the verb's own, where it hands them on; else none. */
  others: Readonly<Record<string, string>>;
};

/** Where a verb speaks. Progress goes to stderr; the result to stdout, once, as text or as one JSON document. */
export type Output = {
  json: boolean;
  progress(line: string): void;
  /** The verb's result: `text` for people, `document` for `--format json`. Called exactly once. */
  result(document: unknown, text: string): void;
};

/** 0 done, 1 the work failed or fell short, 2 bad usage or bad input. */
export type ExitStatus = 0 | 1 | 2;

export type Verb = {
  name: string;
  summary: string;
  /** After the verb's name, such as "FILE" or "LAB NODE -- CMD...". */
  usage: string;
  /** Words of which the first argument is one (WHAT), for completion. */
  words?: readonly string[];
  options: Readonly<Record<string, Option>>;
  /** `--KEY value` of names that are not among the options is not refused but handed on, as is `--set KEY=value`. */
  handsOn?: true;
  /** Full command lines with what they do; at least one. */
  examples: readonly (readonly [command: string, what: string])[];
  run(args: Arguments, output: Output): Promise<ExitStatus>;
};
