/** What a generator can be asked, declared once: names, defaults, help, and how each value is checked. */
import { UserError } from "#testbed/user-error.ts";
import { type Reading, readDuration, readRate, readRatio } from "../units.ts";

type GeneratorOption<Value> = {
  /** Placeholder in the help: N, DURATION. */
  value: string;
  help: string;
  /** As a person would type it; an option without one is undefined unless given. */
  default?: string;
  read(raw: string, name: string): Value;
};

export type GeneratorOptions = Readonly<Record<string, GeneratorOption<unknown>>>;

export type OptionValues<Options extends GeneratorOptions> = {
  readonly [Name in keyof Options]: Options[Name] extends { read(raw: string, name: string): infer Value }
    ? Options[Name] extends { default: string }
      ? Value
      : Value | undefined
    : never;
};

export function readOptions<Options extends GeneratorOptions>(
  options: Options,
  text: (name: string) => string | undefined,
): OptionValues<Options> {
  const values = Object.entries(options).map(([name, option]) => {
    const raw = text(name) ?? option.default;
    return [name, raw === undefined ? undefined : option.read(raw, name)] as const;
  });
  return Object.fromEntries(values) as OptionValues<Options>;
}

export function badOption(name: string, raw: string, what: string, fix: string): UserError {
  return new UserError("bad-option", `--${name} ${raw}: ${what}`, fix, 2);
}

/** A whole number in [least, most]. */
export function count(help: string, preset: string, least: number, most: number) {
  const read = (raw: string, name: string): number => {
    const number = Number(raw);
    if (!/^\d+$/.test(raw) || number < least || number > most) {
      throw badOption(
        name,
        raw,
        `not a whole number from ${least} to ${most}`,
        `for example --${name} ${preset}`,
      );
    }
    return number;
  };
  return { value: "N", help: `${help} (default ${preset})`, default: preset, read };
}

export function word<const Word extends string>(help: string, preset: NoInfer<Word>, words: readonly Word[]) {
  const read = (raw: string, name: string): Word => {
    const found = words.find((known) => known === raw);
    if (found === undefined)
      throw badOption(name, raw, "there is no such choice", `one of: ${words.join(", ")}`);
    return found;
  };
  return { value: words.join("|"), help: `${help} (default ${preset})`, default: preset as string, read };
}

/** At most a minute: longer delays between nodes are slips of the unit. */
const delayMostMs = 60_000;

/** In milliseconds. */
export function duration(help: string, preset: string) {
  const read = (raw: string, name: string): number => {
    const ms = understood(readDuration(raw), raw, name);
    if (ms > delayMostMs) throw badOption(name, raw, "more than a minute", `for example --${name} ${preset}`);
    return ms;
  };
  return { value: "DURATION", help: `${help} (default ${preset})`, default: preset, read };
}

function rateAsTyped(raw: string, name: string): string {
  if (understood(readRate(raw), raw, name) === 0) {
    throw badOption(
      name,
      raw,
      "a link without any rate carries nothing",
      "write more than 0, such as 100Mbit/s",
    );
  }
  return raw;
}

/** Kept as typed: generators only copy rates. Without a default, nothing limits the rate. */
export const optionalRate = (help: string) => ({ value: "RATE", help, read: rateAsTyped });
export const rate = (help: string, preset: string) => ({
  value: "RATE",
  help: `${help} (default ${preset})`,
  default: preset,
  read: rateAsTyped,
});

/** In percent, 0 to 100; returned as a ratio. */
export function percent(help: string, preset: string) {
  const read = (raw: string, name: string): number => understood(readRatio(raw), raw, name);
  return { value: "PERCENT", help: `${help} (default ${preset})`, default: preset, read };
}

function understood(reading: Reading<number>, raw: string, name: string): number {
  if ("value" in reading) return reading.value;
  throw badOption(name, raw, reading.complaint.what, reading.complaint.fix);
}

/** A free word, such as a device class. */
const text = (value: string, help: string) => ({ value, help, read: (raw: string) => raw });
export const textWithDefault = (value: string, help: string, preset: string) => ({
  ...text(value, `${help} (default ${preset})`),
  default: preset,
});

/** A whole or fractional number above 0. */
export function factor(help: string, preset: string) {
  const read = (raw: string, name: string): number => {
    const number = Number(raw);
    if (!/^\d+(\.\d+)?$/.test(raw) || number < 1) {
      throw badOption(name, raw, "not a number of at least 1", `for example --${name} ${preset}`);
    }
    return number;
  };
  return { value: "X", help: `${help} (default ${preset})`, default: preset, read };
}
